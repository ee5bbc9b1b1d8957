//! *One night in a house*: what happens to the street, and the verdict, all through public surfaces.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use standin::clock::wall;
use standin::functions_host::HostEvent;
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;

use crate::board::{Board, brake_words};
use crate::packets::{self, Kind, shown};
use crate::street::{self, HOUSE, OFFICE, PROXY, Resident, SHOPS, SITE, STRANGER, ZONE};
use crate::surface::{Surface, list};
use crate::timeline::{Event, Timeline};

/// The night is over when all is right and explained, or after this; a loaded machine takes longer than a fast one.
const LONGEST: Duration = Duration::from_secs(60);
/// From one look at the state of things to the next.
const LOOK: Duration = Duration::from_millis(250);
/// So many questions to the name server at once.
const QUESTIONS: usize = 16;

/// One night.
#[derive(Debug)]
pub(crate) struct Night {
    /// The public surfaces.
    pub surface: Surface,
    /// The name server.
    pub dns: SocketAddr,
    /// The resolver, which is asked as those inside are.
    pub resolver: SocketAddr,
    /// Everybody who lives in the street.
    pub residents: Vec<Resident>,
    /// Customer id of the workspace.
    pub workspace: String,
    /// Who tells.
    pub timeline: Arc<Timeline>,
    /// What the runs say.
    pub board: Arc<Board>,
}

/// One line of the verdict.
#[derive(Debug, Clone)]
struct Finding {
    is_good: bool,
    words: String,
}

impl Night {
    /// The names that are worth watching.
    pub(crate) fn watched() -> Vec<String> {
        let house = HOUSE.iter().map(|machine| format!("{machine}.home.{ZONE}"));
        let shops = (1..=SHOPS).map(|number| format!("{}.{ZONE}", street::shop(number)));
        house.chain([OFFICE.1.to_owned(), SITE.0.to_owned()]).chain(shops).collect()
    }

    /// Evening: every name is right; then a stranger's machine tags itself with the name of the web site.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub(crate) async fn evening(&self) -> Result<()> {
        let wrong = self.wrong(|resident| Some(resident.address)).await?;
        if !wrong.is_empty() {
            bail!("the street is not in order at the start: {}", wrong.join(", "));
        }
        let house = format!("nas.home.{ZONE}");
        let before = packets::ask(self.dns, &house, Kind::A).await?;
        let words = format!(
            "Evening. Five machines sit behind one router; DNS says {} for {house}, and every other name is right.",
            shown(&before)
        );
        self.timeline.tell(Event::new("evening", words, json!({ "name": house, "dns": before })));

        let mut world = self.surface.world().await?;
        let stranger = street::machine_id(STRANGER.0);
        let machines = world["machines"].as_array_mut().context("the world has no machines")?;
        for machine in machines {
            if machine["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(&stranger)) {
                machine["tags"] = json!({ "DNSHostName": SITE.0 });
            }
        }
        self.surface.put_world(&json!({ "machines": world["machines"] })).await?;
        let words = format!(
            "A stranger's machine tags itself DNSHostName={} and beats from {}; the web site is at {}.",
            SITE.0, STRANGER.1, SITE.1
        );
        self.timeline.tell(Event::new("trap", words, json!({ "trap": "stranger", "name": SITE.0 })));
        Ok(())
    }

    /// Night: the house gets another address, a machine goes behind a private link, a proxy appears.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub(crate) async fn fall(&self) -> Result<()> {
        let house: Vec<Value> =
            HOUSE.iter().map(|machine| beat(machine, &street::HOUSE_NIGHT.to_string())).collect();
        self.surface.heartbeats(&house).await?;
        let words = format!(
            "Night. The provider gives the house another address: its five machines beat from {} now, no longer from {}.",
            street::HOUSE_NIGHT,
            street::HOUSE_EVENING
        );
        let facts = json!({ "machines": HOUSE, "from": street::HOUSE_EVENING, "to": street::HOUSE_NIGHT });
        self.timeline.tell(Event::new("move", words, facts));

        let tunnel = street::inside(beat(OFFICE.0, street::OFFICE_TUNNEL), street::OFFICE_PRIVATE);
        self.surface.heartbeats(&[tunnel]).await?;
        let words = format!(
            "A machine goes behind a private link: the heartbeats of {} carry {} now, and inside it is at {}, no longer at {}.",
            OFFICE.0,
            street::OFFICE_TUNNEL,
            street::OFFICE_PRIVATE,
            street::OFFICE_EVENING
        );
        let facts = json!({ "trap": "private-link", "name": OFFICE.1, "address": street::OFFICE_TUNNEL,
            "from": street::OFFICE_EVENING, "to": street::OFFICE_PRIVATE });
        self.timeline.tell(Event::new("trap", words, facts));

        let shops: Vec<Value> =
            (1..=SHOPS).map(|number| beat(&street::shop(number), &PROXY.to_string())).collect();
        self.surface.heartbeats(&shops).await?;
        let words = format!(
            "A proxy appears: {SHOPS} machines that have nothing in common all beat from {PROXY} now."
        );
        let facts = json!({ "trap": "proxy", "address": PROXY, "machines": SHOPS });
        self.timeline.tell(Event::new("trap", words, facts));
        Ok(())
    }

    /// Watches until all is right and explained, and says so; false when it does not become so.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub(crate) async fn morning(&self, mut host: Receiver<HostEvent>) -> Result<bool> {
        let deadline = Instant::now() + LONGEST;
        let house =
            |resident: &Resident| HOUSE.contains(&resident.machine.as_str()).then_some(street::HOUSE_NIGHT);
        while !self.wrong(house).await?.is_empty() && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
        // One more whole run over everything that is still to be seen: the traps must survive that as well.
        while host.try_recv().is_ok() {}
        self.surface.tick().await?;
        let by_hand = async {
            while let Ok(event) = host.recv().await {
                if matches!(event, HostEvent::Invoked { by: "admin", .. }) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout_at(deadline, by_hand).await;
        // The watchers look a few times a second; the verdict shall not overtake what they have to tell.
        tokio::time::sleep(LOOK * 2).await;
        loop {
            let findings = self.findings().await?;
            let is_good = findings.iter().all(|finding| finding.is_good);
            if is_good || Instant::now() >= deadline {
                self.tell_verdict(&findings, is_good);
                return Ok(is_good);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Names of residents that DNS does not answer as expected; none expected: not asked.
    async fn wrong(&self, expected: impl Fn(&Resident) -> Option<Ipv4Addr>) -> Result<Vec<String>> {
        let asked = self.residents.iter().filter_map(|resident| {
            let name = resident.host_name.clone()?;
            expected(resident).map(|address| (name, IpAddr::from(address)))
        });
        let asked: Vec<_> = asked.collect();
        let mut wrong = Vec::new();
        for batch in asked.chunks(QUESTIONS) {
            let answers = batch.iter().map(|(name, _)| packets::ask(self.dns, name, Kind::A));
            for ((name, address), answer) in batch.iter().zip(futures::future::join_all(answers).await) {
                let answer = answer?;
                if answer != [*address] {
                    wrong.push(format!("{name} is {}", shown(&answer)));
                }
            }
        }
        Ok(wrong)
    }

    async fn findings(&self) -> Result<Vec<Finding>> {
        let report = self.surface.plan().await?;
        self.board.take(&report, &self.timeline);
        let mut findings = vec![self.house().await?];
        findings.extend([
            self.stranger(&report).await?,
            self.private_link(&report).await?,
            self.inside().await?,
            self.proxy(&report).await?,
        ]);
        findings.push(self.neighbours().await?);
        let left: Vec<&str> =
            list(&report["changes"]).iter().filter_map(|change| change["name"].as_str()).collect();
        if !left.is_empty() {
            let words = format!("The next run would still change {}.", left.join(", "));
            findings.push(Finding { is_good: false, words });
        }
        Ok(findings)
    }

    async fn house(&self) -> Result<Finding> {
        let is_house = |resident: &Resident| HOUSE.contains(&resident.machine.as_str());
        let wrong = self.wrong(|resident| is_house(resident).then_some(street::HOUSE_NIGHT)).await?;
        let audit = format!(
            "DNSChange_CL | where DNSHostName_s endswith '.home.{ZONE}' and Outcome_s == 'confirmed' and NewIPs_s == '{}' \
             | summarize names = dcount(DNSHostName_s), slowest = max(TimeToTruthMs_d)",
            street::HOUSE_NIGHT
        );
        let rows = self.surface.query(&self.workspace, &audit).await?;
        let row = rows.first().cloned().unwrap_or_default();
        let written = row.get("names").and_then(Value::as_u64).unwrap_or_default();
        let truth = row
            .get("slowest")
            .and_then(Value::as_f64)
            .map(|ms| format!(", at most {:.1} s after the first heartbeat", ms / 1000.0));
        let is_good = wrong.is_empty() && written == HOUSE.len() as u64;
        let words = if !wrong.is_empty() {
            format!("The house is not right: {}.", wrong.join(", "))
        } else if !is_good {
            format!("The house is right, but DNSChange_CL has {written} of its {} changes.", HOUSE.len())
        } else {
            format!(
                "The house: five names went from {} to {}, each proved by DNS and written down{}.",
                street::HOUSE_EVENING,
                street::HOUSE_NIGHT,
                truth.unwrap_or_default()
            )
        };
        Ok(Finding { is_good, words })
    }

    async fn stranger(&self, report: &Value) -> Result<Finding> {
        self.trap(report, "The stranger", SITE.0, SITE.1, |reason, because| {
            reason == "not-owned" && !because.is_empty()
        })
        .await
    }

    async fn private_link(&self, report: &Value) -> Result<Finding> {
        self.trap(report, "The private link", OFFICE.1, OFFICE.2, |reason, because| {
            reason == "address-private-link" && because.contains(&street::OFFICE_PRIVATE.to_string())
        })
        .await
    }

    /// The private side of the name behind the private link: it has moved, and those inside hear it.
    async fn inside(&self) -> Result<Finding> {
        let answer = packets::ask(self.resolver, OFFICE.1, Kind::A).await?;
        let is_good = answer == [IpAddr::from(street::OFFICE_PRIVATE)];
        let words = if is_good {
            format!(
                "Inside: {} went from {} to {} in the private zone {}, as its resolver says.",
                OFFICE.1,
                street::OFFICE_EVENING,
                street::OFFICE_PRIVATE,
                street::OFFICE_ZONE
            )
        } else {
            format!("Inside: {} is {}, and should be {}.", OFFICE.1, shown(&answer), street::OFFICE_PRIVATE)
        };
        Ok(Finding { is_good, words })
    }

    /// A trap for one name: DNS still says what it said, and the report says why.
    async fn trap(
        &self,
        report: &Value,
        trap: &str,
        name: &str,
        address: Ipv4Addr,
        explains: impl Fn(&str, &str) -> bool,
    ) -> Result<Finding> {
        let answer = packets::ask(self.dns, name, Kind::A).await?;
        let is_untouched = answer == [IpAddr::from(address)];
        let skip = list(&report["skips"]).iter().find(|skip| skip["name"] == name);
        let text = |member: &str| skip.and_then(|skip| skip[member].as_str()).unwrap_or_default();
        let (reason, because) = (text("reason"), text("because"));
        let is_explained = explains(reason, because);
        let because = if because.is_empty() { "nobody says why" } else { because };
        let reason = if reason.is_empty() { "no reason" } else { reason };
        let words = if is_untouched {
            format!("{trap}: {name} is still {address} ({reason}): {because}")
        } else {
            format!("{trap} got through: {name} is {} and was {address}.", shown(&answer))
        };
        Ok(Finding { is_good: is_untouched && is_explained, words })
    }

    async fn proxy(&self, report: &Value) -> Result<Finding> {
        let is_shop = |resident: &Resident| resident.machine.starts_with("shop-");
        let wrong = self.wrong(|resident| is_shop(resident).then_some(resident.address)).await?;
        let shops: BTreeSet<String> =
            (1..=SHOPS).map(|number| format!("{}.{ZONE}", street::shop(number))).collect();
        let brake = list(&report["brakes"]).iter().find(|brake| brake["brake"] == "converging");
        let held: BTreeSet<String> = brake
            .map(|brake| list(&brake["names"]))
            .unwrap_or_default()
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        let is_explained = shops.is_subset(&held);
        let words = match brake {
            _ if !wrong.is_empty() => format!("The proxy got through: {}.", wrong.join(", ")),
            Some(brake) => format!("The proxy: {SHOPS} names stay where they were. {}", brake_words(brake)),
            None => format!("The proxy: {SHOPS} names stay where they were, but no brake says why."),
        };
        Ok(Finding { is_good: wrong.is_empty() && is_explained, words })
    }

    /// Quiet machines have been left alone.
    async fn neighbours(&self) -> Result<Finding> {
        let is_quiet = |resident: &Resident| resident.machine.starts_with("quiet-");
        let wrong = self.wrong(|resident| is_quiet(resident).then_some(resident.address)).await?;
        let count = self.residents.iter().filter(|resident| is_quiet(resident)).count();
        let words = match (count, wrong.is_empty()) {
            (0, _) => "Nobody else was touched.".to_owned(),
            (_, true) => format!("The {count} quiet neighbours were left alone."),
            (_, false) => format!("Neighbours were touched: {}.", wrong.join(", ")),
        };
        Ok(Finding { is_good: wrong.is_empty(), words })
    }

    fn tell_verdict(&self, findings: &[Finding], is_good: bool) {
        let head = if is_good { "Morning. DNS tells the truth." } else { "Morning. It did not go well." };
        let mut words = head.to_owned();
        for finding in findings {
            words.push_str(&format!("\n{} {}", if finding.is_good { "✓" } else { "✗" }, finding.words));
        }
        let lines: Vec<Value> =
            findings.iter().map(|finding| json!({ "ok": finding.is_good, "words": finding.words })).collect();
        self.timeline.tell(Event::new("verdict", words, json!({ "ok": is_good, "findings": lines })));
    }
}

fn beat(machine: &str, address: &str) -> Value {
    street::beat(machine, address, wall())
}
