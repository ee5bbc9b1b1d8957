//! Tests: what a zone file may hold, which zone it is of, and how a fault is told.

use super::*;

const EXPORTED: &str = "\
; Exported zone file from Azure DNS
;   Zone name: home.example.org

$TTL 3600
$ORIGIN home.example.org.

@ 3600 IN SOA ns1-01.azure-dns.com. azuredns-hostmaster.microsoft.com. (
        1
        3600
        300
        2419200
        300
        )
  172800 IN NS ns1-01.azure-dns.com.
nas 60 IN A 198.51.100.7
    60 IN A 198.51.100.8
nas 60 IN AAAA 2001:db8::7
*.dyn 60 IN CNAME nas
@ 300 IN MX 10 mail.example.net.
_sip._tcp 300 IN SRV 1 2 5060 nas
txt 300 IN TXT \"v=spf1 -all\" \"second; \\\"part\\\"\"
@ 300 IN CAA 0 issue \"ca.example.net\"
x 300 IN SSHFP 1 1 AABB
elsewhere.example.net. 300 IN A 198.51.100.9
";

#[test]
fn an_export_is_read_whole() {
    let records = read(EXPORTED).unwrap();
    assert_eq!(records.zone, "home.example.org");
    assert!(records.zone_id.ends_with("/dnsZones/home.example.org"));
    assert_eq!(
        records.addresses()[&("nas.home.example.org".to_owned(), "A")],
        ["198.51.100.7", "198.51.100.8"]
    );
    let set = |name: &str, kind: &str| {
        let found = records.sets.iter().find(|set| set["name"] == name && set["type"] == kind);
        found.cloned().unwrap_or_default()
    };
    assert_eq!(set("*.dyn", "CNAME")["CNAMERecord"]["cname"], "nas.home.example.org.");
    assert_eq!(set("txt", "TXT")["TXTRecords"][0]["value"], json!(["v=spf1 -all", "second; \"part\""]));
    assert_eq!(set("@", "MX")["MXRecords"], json!([{ "preference": 10, "exchange": "mail.example.net." }]));
    assert_eq!(set("_sip._tcp", "SRV")["SRVRecords"][0]["target"], "nas.home.example.org.");
    assert_eq!(
        set("@", "CAA")["caaRecords"],
        json!([{ "flags": 0, "tag": "issue", "value": "ca.example.net" }])
    );
    assert!(set("@", "SOA").is_null() && set("@", "NS").is_null(), "they come by themselves");
    assert_eq!(
        records.left_out,
        [
            "SSHFP x (line 23, a type that is not played)",
            "A elsewhere.example.net. (line 24, outside the zone)"
        ]
    );
}

#[test]
fn the_zone_is_the_origins_else_that_of_the_soa_else_that_of_all_names() {
    let soa = "Example.Net. 60 IN SOA a. b. 1 2 3 4 5\n";
    let full = "nas.Home.example.org. 60 IN A 198.51.100.7\n  AAAA 2001:db8::7\nwww.home.Example.org. 60 CNAME nas\n";
    for (text, zone, sets) in [
        (full, "home.example.org", 3),
        (&format!("nas 60 IN A 198.51.100.7\n{soa}").replace("nas", "nas.example.net."), "example.net", 1),
        (&format!("{soa}nas.example.net. 60 IN A 198.51.100.7\n"), "example.net", 1),
        (
            &format!("$ORIGIN a.example.org.\n{soa}$ORIGIN b.a.example.org.\nnas 60 IN A 198.51.100.7\n"),
            "a.example.org",
            1,
        ),
    ] {
        let records = read(text).unwrap();
        assert_eq!((records.zone.as_str(), records.sets.len()), (zone, sets), "{text}");
    }
}

/// No zone is made up: it would be another one than the file's.
#[test]
fn a_file_that_does_not_say_its_zone_is_refused_with_the_way_out() {
    let soa = "@ 60 IN SOA a. b. 1 2 3 4 5\n";
    for (text, line) in [
        ("$TTL 60\n\nnas A 198.51.100.7\nwww A 198.51.100.8\n", 3),
        (&format!("{soa}nas 60 IN A 198.51.100.7\n"), 1),
        ("nas 60 IN A 198.51.100.7\n$ORIGIN example.org.\nwww A 198.51.100.7\n", 1),
        ("nas.example.org. 60 IN CNAME www\n$ORIGIN example.org.\n", 1),
        ("nas.example.org. 60 IN A 198.51.100.7\nnas 60 IN A 198.51.100.7\n", 2),
    ] {
        let fault = read(text).unwrap_err().to_string();
        assert!(fault.starts_with(&format!("line {line}: ")), "{text}: {fault}");
        assert!(
            fault.contains("$ORIGIN contoso.com.") && fault.contains("the first line"),
            "{text}: {fault}"
        );
    }
    for alone in [
        "nas.example.org. 60 A 198.51.100.7\n",
        "a.example.org. 60 A 192.0.2.1\nb.example.net. A 192.0.2.1\n",
    ] {
        assert!(read(alone).unwrap_err().to_string().contains("$ORIGIN contoso.com."), "{alone}");
    }
    let full = "a.example.org. 60 A 192.0.2.1\nb.example.org. A 192.0.2.1\n";
    assert!(read(full).unwrap().notes[0].contains("example.org"), "it is told how the zone was found");
}

#[test]
fn what_is_no_zone_file_is_refused() {
    for text in
        ["nas 60 IN A nowhere\n", "{oops", "$INCLUDE /etc/hosts\n", "$ORIGIN .\n", "nas IN A 198.51.100.7\n"]
    {
        let text = format!("$ORIGIN example.org.\n{text}");
        assert!(read(&text).is_err(), "{text}");
    }
}

#[test]
fn each_line_that_is_wrong_is_named_with_what_to_do() {
    for (text, says) in [
        ("nas 60 IN A nowhere\nb 60 IN A 192.0.2.1\nc 60 IN A x\n", &["line 2:", "line 4:", "mend it"][..]),
        ("$TTL 60\n\n$INCLUDE other.zone\n", &["line 4:", "put all of it into one"]),
        ("$GENERATE 1-5 a$ A 192.0.2.$\n", &["line 2: $GENERATE", "write its records out"]),
        ("nas IN A 192.0.2.1\n", &["line 2:", "$TTL 3600"]),
        (" 60 IN A 192.0.2.1\n", &["line 2:", "write the name first"]),
        ("nas 60 IN\n", &["line 2:", "no type"]),
        ("nas 60 IN OOPS x\n", &["line 2:", "'OOPS'"]),
        ("$ORIGIN a..b\n", &["line 2:", "$ORIGIN example.org."]),
        ("a 60 IN CNAME b\na 60 IN CNAME c\n", &["line 3: a second CNAME", "line 2"]),
        ("a 60 IN CNAME b\n\na 60 IN A 192.0.2.1\n", &["line 4: 'a' has a CNAME in line 2"]),
        ("@ 60 IN SOA a. b. 1 2 3 4 5\nx 60 IN SOA a. b. 1 2 3 4 5\n", &["line 3: a second SOA"]),
        ("a 60 IN TXT \"x\n", &["line 2: a quote"]),
    ] {
        let fault = read(&format!("$ORIGIN example.org.\n{text}")).unwrap_err().to_string();
        assert!(says.iter().all(|part| fault.contains(part)), "{text}: {fault}");
    }
    assert!(read("; nothing\n").unwrap_err().to_string().contains("it is empty"));
}

#[test]
fn names_are_written_in_many_ways() {
    let text = "$TTL 60\n$ORIGIN m\u{fc}nchen.example.org.\n@ SOA a. b. ( 1 2\n 3 4 5 )\n\
                NAS A 198.51.100.7\n\tA 198.51.100.7\n\t30 IN A 198.51.100.8\nb\\195\\188ro IN A 198.51.100.9\n\
                nas.m\\195\\188nchen.example.org. AAAA 2001:db8::1\n_x 1h TXT \"a;b\" c\n$ORIGIN sub\nnas A 198.51.100.10\n\
                k TYPE65534 \\# 1 00\n";
    let records = read(text).unwrap();
    assert_eq!(records.zone, "xn--mnchen-3ya.example.org");
    let addresses = records.addresses();
    let of = |name: &str, kind| addresses.get(&(format!("{name}.xn--mnchen-3ya.example.org"), kind)).cloned();
    assert_eq!(of("nas", "A").unwrap(), ["198.51.100.7", "198.51.100.8"]);
    assert_eq!(of("xn--bro-hoa", "A").unwrap(), ["198.51.100.9"]);
    assert_eq!(of("nas", "AAAA").unwrap(), ["2001:db8::1"]);
    assert_eq!(of("nas.sub", "A").unwrap(), ["198.51.100.10"]);
    let txt = records.sets.iter().find(|set| set["type"] == "TXT").unwrap();
    assert_eq!((&txt["TTL"], &txt["TXTRecords"][0]["value"]), (&json!(3600), &json!(["a;b", "c"])));
    assert_eq!(records.left_out, ["TYPE65534 k (line 13, a type that is not played)"]);
}
