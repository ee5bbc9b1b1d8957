//! A small world around the plan: quiet, fresh and allowed until a test says otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use pure::domain::{
    HostName, LoggedClaim, Mark, MismatchRow, RecordId, RecordSet, RecordType, ResourceId, ZoneId, Zones,
    join_addresses, parse_address,
};
use pure::plan::{
    Answer, Case, Evidence, EvidenceRequest, Footing, Grant, Live, NamePattern, PastChange, Plan, Policy,
    Read, Reason, Skip, Terms, ZoneHistory, plan,
};

/// The installation of all tests.
pub(crate) const OWNER: &str = "dcr-ours";
/// The moment of all tests.
pub(crate) const NOW: &str = "2026-03-01T02:00:00Z";

/// What one plan is made from.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) case: Case,
    pub(crate) policy: Policy,
    pub(crate) now: Timestamp,
}

pub(crate) fn name(text: &str) -> HostName {
    HostName::parse(text).unwrap()
}

/// The A record set of a name in `example.com` or `example.org`.
pub(crate) fn key(text: &str) -> RecordId {
    id(text, RecordType::A)
}

pub(crate) fn id(text: &str, record_type: RecordType) -> RecordId {
    let apex = if text.ends_with("example.org") { "example.org" } else { "example.com" };
    RecordId { zone: zone(apex), name: name(text), record_type }
}

pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(crate) fn addresses(texts: &[&str]) -> BTreeSet<IpAddr> {
    texts.iter().map(|text| address(text)).collect()
}

pub(crate) fn machine(name: &str) -> ResourceId {
    let base = "/subscriptions/s1/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines";
    ResourceId::parse(&format!("{base}/{name}")).unwrap()
}

pub(crate) fn zone(name: &str) -> ZoneId {
    let base = "/subscriptions/s1/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones";
    ZoneId::parse(&format!("{base}/{name}")).unwrap()
}

pub(crate) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// A record set without mark.
pub(crate) fn record_set(key: RecordId, addresses: BTreeSet<IpAddr>) -> RecordSet {
    RecordSet {
        id: format!("{}/{}/{}", key.zone, key.record_type, key.name),
        zone: key.zone,
        name: key.name,
        record_type: key.record_type,
        etag: "etag-1".to_owned(),
        ttl: 300,
        addresses,
        alias: None,
        auto_registered: false,
        metadata: BTreeMap::from([("team".to_owned(), "edge".to_owned())]),
        other: serde_json::Map::new(),
    }
}

/// A mark without history.
pub(crate) fn mark(version: u32, owner: &str, who: &str) -> Mark {
    Mark {
        version,
        owner: owner.to_owned(),
        machine: machine(who).lower().to_owned(),
        run: "run-0".to_owned(),
        time: None,
        previous: BTreeSet::new(),
        hold: None,
        undoes: String::new(),
    }
}

impl World {
    /// Zones `example.com` and `example.org`, every name allowed, documentation addresses allowed, data fresh.
    pub(crate) fn new() -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let zones = [zone("example.com"), zone("example.org")];
        let grant = Grant::everywhere(["*".parse().unwrap()], Terms::default());
        let mut policy = Policy::new(Zones::new(zones.clone()).unwrap(), [grant], OWNER);
        policy.allow_prefixes = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"]
            .map(|p| p.parse().unwrap())
            .into();
        let mut case = Case::default();
        let marker = Some(now - minutes(10));
        for zone in zones {
            case.known.learn_cuts(zone.clone(), Answer::Known(BTreeSet::new()));
            case.known.learn_present(zone.clone(), Answer::Known(BTreeSet::new()));
            case.history.zones.insert(zone, ZoneHistory { marker, ..ZoneHistory::default() });
        }
        case.history.tags_marker = marker;
        case.history.newest_heartbeat = Some(now - minutes(1));
        Self { case, policy, now }
    }

    pub(crate) fn allow(mut self, names: &[&str]) -> Self {
        let names = names.iter().map(|text| text.parse::<NamePattern>().unwrap());
        let grant = Grant::everywhere(names, self.terms().clone());
        self.policy.grants = [grant].into_iter().collect();
        self
    }

    /// What holds for all names.
    pub(crate) fn terms(&mut self) -> &mut Terms {
        self.policy.grants.terms_mut().next().unwrap()
    }

    /// A machine that carries the name on its tag and has reported the address for twenty minutes; the live record
    /// set is absent unless a test has put one.
    pub(crate) fn claims(mut self, who: &str, host: &str, reported: &str) -> Self {
        let id = machine(who);
        let record_type = parse_address(reported).map_or(RecordType::A, RecordType::of);
        if HostName::parse(host).is_ok() {
            let key = self::id(host, record_type);
            if self.case.known.set(&key).is_none() {
                self.case.known.learn_set(key, Answer::Known(Read::default()));
            }
        }
        let mut names = match self.case.known.tag(&id) {
            Some(Answer::Known(Live::Tagged(names))) => names.clone(),
            _ => Vec::new(),
        };
        names.push(host.to_owned());
        self.case.known.learn_tag(&id, Answer::Known(Live::Tagged(names)));
        if let Ok(host) = HostName::parse(host) {
            let known = self.case.known.claimants(&host).and_then(Answer::known);
            let mut claimants = known.cloned().unwrap_or_default();
            claimants.insert(id.clone());
            self.case.known.learn_claimants(host, Answer::Known(claimants));
        }
        self.case.rows.push(MismatchRow {
            resource_id: id.lower().to_owned(),
            computer_ip: reported.to_owned(),
            dns_ip: String::new(),
            host_name: host.to_owned(),
            record_type,
            heartbeat_time: Some(self.now - minutes(1)),
            first_beat: Some(self.now - minutes(20)),
            beats: 12,
            claimed_by: id.lower().to_owned(),
            zone_id: String::new(),
            skip: String::new(),
            record_set_id: String::new(),
            etag: String::new(),
            owner: String::new(),
            is_alias: false,
            present_last_seen: None,
            returned: false,
            country: "CH".to_owned(),
            claimed: LoggedClaim::Now,
            actionable: true,
            private_ips: String::new(),
        });
        self
    }

    /// Changes the newest row.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut MismatchRow)) -> Self {
        change(self.case.rows.last_mut().unwrap());
        self
    }

    /// In `example.com` so many addresses are present: by the log, and live.
    pub(crate) fn present(mut self, logged: u64, live: u8) -> Self {
        self.case.history.zones.entry(zone("example.com")).or_default().distinct_present = logged;
        let live = (0..live).map(|index| address(&format!("198.51.100.{index}"))).collect();
        self.case.known.learn_present(zone("example.com"), Answer::Known(live));
        self
    }

    /// What the live tag of a machine says.
    pub(crate) fn tag(mut self, who: &str, live: Live) -> Self {
        self.case.known.learn_tag(&machine(who), Answer::Known(live));
        self
    }

    /// A live record set without mark; rows that name it log the same addresses.
    pub(crate) fn stands(mut self, host: &str, present: &[&str]) -> Self {
        let present = addresses(present);
        let record_type = present.first().map_or(RecordType::A, |first| RecordType::of(*first));
        for row in self.case.rows.iter_mut().filter(|row| row.host_name == host) {
            row.dns_ip = join_addresses(&present);
        }
        self.holds(record_set(id(host, record_type), present))
    }

    /// A live record set that we keep for a machine.
    pub(crate) fn keeps(self, who: &str, host: &str, present: &[&str]) -> Self {
        let mark = mark(Mark::VERSION, OWNER, who);
        let record_type = present.first().map_or(RecordType::A, |first| RecordType::of(address(first)));
        let key = id(host, record_type);
        self.stands(host, present).set(&key, |set| mark.write_into(&mut set.metadata))
    }

    /// Changes a live record set.
    pub(crate) fn set(mut self, key: &RecordId, change: impl FnOnce(&mut RecordSet)) -> Self {
        let read = self.case.known.set(key).unwrap().known().unwrap().clone();
        let mut set = read.set.unwrap();
        change(&mut set);
        self = self.holds(set);
        self
    }

    /// What a live read found.
    pub(crate) fn holds(mut self, set: RecordSet) -> Self {
        let id = set.record_id();
        self.case.known.learn_set(id, Answer::Known(Read { set: Some(set), is_cname: false }));
        self
    }

    /// There is no such record set.
    pub(crate) fn absent(mut self, id: &RecordId) -> Self {
        self.case.known.learn_set(id.clone(), Answer::Known(Read::default()));
        self
    }

    /// There is no such record set, and its name is a CNAME.
    pub(crate) fn cname(mut self, id: &RecordId) -> Self {
        self.case.known.learn_set(id.clone(), Answer::Known(Read { set: None, is_cname: true }));
        self
    }

    /// The names at which a zone hands over to other name servers, and no others.
    pub(crate) fn cut(mut self, apex: &str, cuts: &[&str]) -> Self {
        let cuts = cuts.iter().map(|text| name(text)).collect();
        self.case.known.learn_cuts(zone(apex), Answer::Known(cuts));
        self
    }

    /// A landed change of a name, so many minutes ago.
    pub(crate) fn went(mut self, host: &str, from: &str, to: &str, ago: i64) -> Self {
        let time = self.now - minutes(ago);
        let changes = self.case.history.changes.entry(key(host)).or_default();
        changes.push(PastChange {
            from: addresses(&[from]),
            to: addresses(&[to]),
            time,
            run: format!("run-{}", changes.len()),
            footing: Footing::Unknown,
        });
        self
    }

    /// Evidence: who reported what within 30 days, and who was last heard so many hours ago.
    pub(crate) fn evidence(self, reported: &[(&str, &str)], heard: &[(&str, i64)]) -> Self {
        self.evidence_of(reported, minutes(600), heard)
    }

    /// The same where they reported it so long ago.
    pub(crate) fn evidence_of(
        mut self,
        reported: &[(&str, &str)],
        ago: SignedDuration,
        heard: &[(&str, i64)],
    ) -> Self {
        let first = plan(&self.case, &self.policy, self.now);
        let mut evidence = Evidence::default();
        for (who, text) in reported {
            let seen = evidence.reported.entry(machine(who).lower().to_owned()).or_default();
            seen.insert(address(text), self.now - ago);
        }
        for (who, hours) in heard {
            let time = self.now - SignedDuration::from_hours(*hours);
            evidence.last_heard.insert(machine(who).lower().to_owned(), time);
        }
        for (id, asked) in first.needs.evidence {
            self.case.known.learn_evidence(id, Answer::Known(Evidence { asked, ..evidence.clone() }));
        }
        self
    }

    /// The evidence that the plan asks for.
    pub(crate) fn wanted(&self) -> EvidenceRequest {
        let mut wanted = EvidenceRequest::default();
        self.plan().needs.evidence.values().for_each(|request| wanted.extend(request));
        wanted
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(&self.case, &self.policy, self.now)
    }

    /// The codes of all skips, in the order of the plan.
    pub(crate) fn codes(&self) -> Vec<Reason> {
        self.plan().skips.iter().map(|skip| skip.reason).collect()
    }

    /// The only skip of a plan without changes.
    pub(crate) fn only_skip(&self) -> Skip {
        let plan = self.plan();
        assert!(plan.changes.is_empty(), "{:?}", plan.changes);
        assert_eq!(plan.skips.len(), 1, "{:?}", plan.skips);
        plan.skips.into_iter().next().unwrap()
    }
}
