//! Speed of the engine over heartbeats: the classic query, our own, and rows per second by operator.

use std::io::Write as _;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use kql::{Column, Database, DateTime, Options, Type, run};
use serde_json::{Map, Value as Json, json};

const ROWS: usize = 1_000_000;
const MACHINES: usize = 1_000;

#[expect(clippy::disallowed_methods, reason = "the day on which it was measured")]
fn main() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let date = DateTime::from_system_time(std::time::SystemTime::now()).to_string();
    println!("{} UTC, {cores} cores; a query uses one", date.get(..16).unwrap_or(&date));
    println!(
        "budgets: classic_query 200 ms, mismatch_of_20_000_machines 1.5 s, 400 MB for a million heartbeats, \
         million_json_rows 5 s, mismatch and history of 50_000_machines 8 times those of 1_000_machines"
    );
    divan::main();
    if let Some(most) = most_memory() {
        println!("\nmost memory, all data sets together: {} MB", most / 1_024);
    }
}

/// The most memory that this process ever held, in kB, where the system says so.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn now() -> DateTime {
    DateTime::parse("2026-05-04T12:00:00Z").unwrap_or_else(|| DateTime::from_unix_nanoseconds(0))
}

/// The row at that many seconds before now.
fn time(seconds: usize) -> String {
    let seconds = i128::try_from(seconds).unwrap_or(0);
    DateTime::from_unix_nanoseconds(now().unix_nanoseconds() - seconds * 1_000_000_000).to_string()
}

fn machine(index: usize) -> String {
    format!("/subscriptions/s/resourcegroups/rg-edge/providers/microsoft.hybridcompute/machines/m{index}")
}

fn address(index: usize) -> String {
    format!("203.{}.{}.{}", index >> 16 & 255, index >> 8 & 255, index & 255)
}

fn append(database: &mut Database, table: &str, rows: impl Iterator<Item = Json>) {
    let rows: Vec<Map<String, Json>> =
        rows.filter_map(|row| if let Json::Object(row) = row { Some(row) } else { None }).collect();
    let appended = database.append(table, &rows);
    assert_eq!(appended, Ok(rows.len()));
}

/// The tables that the tests of the names describe, ours among them.
fn described() -> Database {
    let text = include_str!("../tests/it/fixtures/analyser-schema.json");
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let mut database = Database::new();
    for (name, columns) in json["tables"].as_object().into_iter().flatten() {
        let column = |(name, ty): (&String, &Json)| {
            Column::new(name, ty.as_str().and_then(Type::parse).unwrap_or(Type::String))
        };
        database.add_table(name, columns.as_object().into_iter().flatten().map(column).collect());
    }
    database
}

/// One heartbeat of a machine, so many minutes ago.
fn heartbeat(index: usize, beat: usize) -> Json {
    json!({
        "TimeGenerated": time(beat * 60 + index % 60), "Computer": format!("m{index}"),
        "_ResourceId": machine(index), "ComputerIP": address(index), "Category": "Azure Monitor Agent",
        "OSType": "Linux", "SCAgentChannel": "Direct", "RemoteIPCountry": "Switzerland", "Version": "1.2.3",
        "ComputerEnvironment": "Non-Azure", "ComputerPrivateIPs": ["192.168.0.4"], "Type": "Heartbeat",
        "Resource": format!("m{index}"), "ResourceGroup": "rg-edge", "SubscriptionId": "s",
    })
}

/// Heartbeats of machines, newest first a minute apart, and one tag and one record for each machine, one in so many
/// of them wrong.
fn world(machines: usize, beats: usize, wrong: usize) -> Database {
    let mut database = described();
    for beat in 0..beats {
        let heartbeats = (0..machines).map(|index| heartbeat(index, beat));
        append(&mut database, "Heartbeat", heartbeats);
    }
    let tag = |index: usize| {
        json!({
            "TimeGenerated": time(600), "id_s": machine(index), "DNSHostName_s": format!("m{index}.example.com"),
            "ZoneId_s": "/zones/example.com", "Types_s": "A",
        })
    };
    append(&mut database, "TagData_CL", (0..machines).map(tag));
    append(&mut database, "TagData_CL", std::iter::once(json!({"TimeGenerated": time(700), "id_s": ""})));
    let record = |index: usize| {
        let shown = if index.is_multiple_of(wrong) { address(index + 1) } else { address(index) };
        json!({
            "TimeGenerated": time(600), "DNSHostName_s": format!("m{index}.example.com"), "DNSIP_s": shown,
            "RecordType_s": "A", "ZoneId_s": "/zones/example.com", "TTL_d": 60.0, "Etag_s": "e",
        })
    };
    append(&mut database, "DNSData_CL", (0..machines).map(record));
    let marker = json!({
        "TimeGenerated": time(700), "DNSHostName_s": "example.com", "RecordType_s": "SOA",
        "ZoneId_s": "/zones/example.com",
    });
    append(&mut database, "DNSData_CL", std::iter::once(marker));
    database
}

static MILLION: LazyLock<Database> = LazyLock::new(|| world(MACHINES, ROWS / MACHINES, 100));
/// Three heartbeats each, as in a repair.
static SMALL: LazyLock<Database> = LazyLock::new(|| world(1_000, 3, 1_000));
static LARGE: LazyLock<Database> = LazyLock::new(|| world(50_000, 3, 50_000));
static FLEET: LazyLock<Database> = LazyLock::new(|| world(20_000, 60, 100));

fn bench(bencher: Bencher<'_, '_>, database: &Database, rows: usize, query: &str) {
    let options = Options::new(now());
    bencher.counter(ItemsCount::new(rows)).bench_local(|| match run(query, database, &options) {
        Ok(answer) => answer.rows.len(),
        Err(error) => panic!("{error}"),
    });
}

/// The text of one of our queries.
fn own_query(name: &str) -> String {
    let file = format!("{}/../../infra/kql/{name}.kql", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => panic!("{file}: {error}"),
    }
}

/// The program reads a file of a million heartbeats, which it takes about 500 MB to write down.
#[divan::bench(sample_count = 3)]
fn million_json_rows(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let (data, query) = (folder.path().join("world.json"), folder.path().join("query.kql"));
    let written = std::fs::File::create(&data).and_then(|file| {
        let mut file = std::io::BufWriter::new(file);
        write!(file, "{{\"Heartbeat\": [")?;
        for index in 0..ROWS {
            let comma = if index == 0 { "" } else { ",\n" };
            write!(file, "{comma}{}", heartbeat(index % MACHINES, index / MACHINES))?;
        }
        write!(file, "]}}")?;
        file.flush()?;
        std::fs::write(&query, "Heartbeat | summarize count() by Computer | count")
    });
    written.unwrap_or_else(|error| panic!("{error}"));
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_kql"));
        let output = program.arg(&query).arg("--data").arg(&data).output();
        assert!(output.is_ok_and(|output| output.status.success()));
    });
}

#[divan::bench(sample_count = 10)]
fn classic_query(bencher: Bencher<'_, '_>) {
    let query = include_str!("../tests/it/fixtures/seeds/01-dynamic-dns-ip-mismatch.kql");
    bench(bencher, &MILLION, ROWS, query);
}

#[divan::bench(sample_count = 5)]
fn mismatch_of_20_000_machines(bencher: Bencher<'_, '_>) {
    bench(bencher, &FLEET, 1_200_000, &own_query("mismatch"));
}

#[divan::bench(sample_count = 5)]
fn history_of_20_000_machines(bencher: Bencher<'_, '_>) {
    bench(bencher, &FLEET, 1_200_000, &own_query("history"));
}

#[divan::bench(sample_count = 20)]
fn mismatch_of_1_000_machines(bencher: Bencher<'_, '_>) {
    bench(bencher, &SMALL, 3_000, &own_query("mismatch"));
}

#[divan::bench(sample_count = 10)]
fn mismatch_of_50_000_machines(bencher: Bencher<'_, '_>) {
    bench(bencher, &LARGE, 150_000, &own_query("mismatch"));
}

#[divan::bench(sample_count = 20)]
fn history_of_1_000_machines(bencher: Bencher<'_, '_>) {
    bench(bencher, &SMALL, 3_000, &own_query("history"));
}

#[divan::bench(sample_count = 10)]
fn history_of_50_000_machines(bencher: Bencher<'_, '_>) {
    bench(bencher, &LARGE, 150_000, &own_query("history"));
}

#[divan::bench(sample_count = 10)]
fn filter(bencher: Bencher<'_, '_>) {
    bench(
        bencher,
        &MILLION,
        ROWS,
        "Heartbeat | where TimeGenerated > now() - 15m and ComputerIP has '203' | count",
    );
}

#[divan::bench(sample_count = 10)]
fn summarize(bencher: Bencher<'_, '_>) {
    bench(
        bencher,
        &MILLION,
        ROWS,
        "Heartbeat | summarize count(), max(TimeGenerated) by Computer, ComputerIP | count",
    );
}

#[divan::bench(sample_count = 5)]
fn join(bencher: Bencher<'_, '_>) {
    bench(
        bencher,
        &MILLION,
        ROWS,
        "Heartbeat | join kind=inner (TagData_CL) on $left._ResourceId == $right.id_s | count",
    );
}

#[divan::bench(sample_count = 5)]
fn make_series(bencher: Bencher<'_, '_>) {
    let query = "Heartbeat | make-series n = count() on TimeGenerated from now() - 17h to now() step 10m by Computer | count";
    bench(bencher, &MILLION, ROWS, query);
}

#[divan::bench(sample_count = 5)]
fn sort(bencher: Bencher<'_, '_>) {
    bench(bencher, &MILLION, ROWS, "Heartbeat | sort by Computer asc, TimeGenerated desc | take 1");
}
