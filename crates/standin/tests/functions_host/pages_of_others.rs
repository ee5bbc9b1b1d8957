//! A page of somebody else's in a browser runs nothing, unless it knows a key.

use standin::functions_host::Keys;

use super::{NEVER, client, start_with, url};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_a_key_is_run_by_programs_of_this_machine_alone() {
    for keys in [None, Some(Keys { master: "m".to_owned(), host: "h".to_owned(), function: "f".to_owned() })]
    {
        let asks = keys.is_some();
        let (host, _events) = start_with("serve", NEVER, "00:10:00", |options| options.keys = keys).await;
        let own = format!("http://{}", host.address());
        let status = async |path: &str, header: (&str, &str), key: &str| {
            let request = client().post(url(&host, path)).header(header.0, header.1).body("{}");
            request.header("x-functions-key", key).send().await.expect("an answer").status().as_u16()
        };
        for path in ["/api/remediate", "/admin/functions/function-remediate"] {
            for foreign in [
                ("Host", "evil.example"),
                ("Origin", "http://evil.example"),
                ("Origin", "null"),
                ("Sec-Fetch-Site", "cross-site"),
            ] {
                assert_eq!(status(path, foreign, "").await, 403, "{path} {foreign:?} {asks}");
            }
        }
        let page = ("Origin", own.as_str());
        assert_eq!(status("/api/remediate", page, "").await, if asks { 401 } else { 202 });
        // Who knows a key may come under any name, as through a tunnel; the admin calls are for this machine.
        let tunnel = ("Host", "tunnel.example");
        assert_eq!(status("/api/remediate", tunnel, "f").await, if asks { 202 } else { 403 });
        assert_eq!(status("/admin/functions/function-remediate", tunnel, "m").await, 403);
        host.stop().await;
    }
}
