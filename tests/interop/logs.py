"""Ingestion and queries: what azure-monitor-ingestion sends is what azure-monitor-query finds, with its types."""

import time
from datetime import datetime, timedelta, timezone

from azure.identity import ManagedIdentityCredential
from azure.monitor.ingestion import LogsIngestionClient
from azure.monitor.query import LogsQueryClient, LogsQueryStatus

from stage import RULE, WORKSPACE, refused

HOUR = timedelta(hours=1)
FOUND_WITHIN = 30


def checks(stage):
    ingestion = LogsIngestionClient(stage.url, ManagedIdentityCredential(), retry_total=0)
    query = LogsQueryClient(ManagedIdentityCredential(), endpoint=stage.url, retry_total=0)
    now = datetime.now(timezone.utc).replace(microsecond=0)

    def ask(text, timespan=HOUR, **options):
        answer = query.query_workspace(WORKSPACE, text, timespan=timespan, **options)
        assert answer.status == LogsQueryStatus.SUCCESS, answer
        table = answer.tables[0]
        return [dict(zip(table.columns, row)) for row in table.rows], dict(zip(table.columns, table.columns_types))

    def find(text, count):
        """Accepted is not stored yet: asks until the rows are there."""
        deadline = time.monotonic() + FOUND_WITHIN
        while True:
            rows, types = ask(text)
            if len(rows) == count or time.monotonic() > deadline:
                assert len(rows) == count, rows
                return rows, types

    def upload():
        sent = []
        records = [
            {
                "TimeGenerated": now.isoformat(), "DNSHostName_s": f"web{number}.example.org",
                "DNSIP_s": f"203.0.113.{number}", "RecordType_s": "A", "TTL_d": 60.5, "IsAlias_b": number == 1,
                "MarkTime_t": now.isoformat(), "run_s": "interop", "Unknown_s": "dropped without a word",
            }
            for number in range(3)
        ]
        ingestion.upload(RULE, "Custom-DNSData", records, raw_request_hook=lambda call: sent.append(call.http_request))
        encodings = [request.headers.get("Content-Encoding") for request in sent]
        assert encodings == ["gzip"], encodings
        return "3 rows, gzip"

    def read_back():
        rows, types = find("DNSData_CL | where run_s == 'interop' | sort by DNSHostName_s asc", 3)
        assert [row["DNSIP_s"] for row in rows] == ["203.0.113.0", "203.0.113.1", "203.0.113.2"], rows
        assert [row["IsAlias_b"] for row in rows] == [False, True, False], rows
        assert all(row["TTL_d"] == 60.5 for row in rows), rows
        assert all(row["TimeGenerated"] == row["MarkTime_t"] == now for row in rows), rows
        assert (types["TTL_d"], types["IsAlias_b"], types["MarkTime_t"]) == ("real", "bool", "datetime"), types
        assert "Unknown_s" not in types, types
        return "3 rows with their types"

    def tags():
        record = {"TimeGenerated": now.isoformat(), "id_s": "/subscriptions/x", "DNSHostName_s": "a.example.org",
                  "run_s": "interop"}
        ingestion.upload(RULE, "Custom-TagData", [record])
        rows, _ = find("TagData_CL | where run_s == 'interop' | project id_s, DNSHostName_s", 1)
        assert rows == [{"id_s": "/subscriptions/x", "DNSHostName_s": "a.example.org"}], rows
        return "1 row"

    def large_batch():
        # The client adds up its rows without what stands between them, so that batches of many small rows go over
        # the service's limit by a little; large rows leave it room.
        text = "x" * 40_000
        records = [{"TimeGenerated": now.isoformat(), "DNSHostName_s": text, "run_s": "large"} for _ in range(60)]
        calls = []
        ingestion.upload(RULE, "Custom-DNSData", records, raw_request_hook=calls.append)
        assert len(calls) >= 3, len(calls)
        rows, _ = find("DNSData_CL | where run_s == 'large' | summarize Rows = count() | where Rows == 60", 1)
        return f"{rows[0]['Rows']} rows in {len(calls)} calls"

    def unknown_stream():
        refused(lambda: ingestion.upload(RULE, "Custom-Nothing", [{"TimeGenerated": now.isoformat()}]), 400, 404)
        return "refused"

    def unknown_rule():
        other = "dcr-ffffffffffffffffffffffffffffffff"
        refused(lambda: ingestion.upload(other, "Custom-DNSData", [{"TimeGenerated": now.isoformat()}]), 404, 403)
        return "refused"

    def types():
        rows, kinds = ask(
            "print When = datetime(2026-01-02T03:04:05Z), Whole = 7, Long = long(4294967296), Real = 1.5,"
            " Truth = true, Text = 'a', Span = 90m, Nothing = int(null), Bag = dynamic({'a': [1]})"
        )
        row = rows[0]
        assert row["When"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), row
        assert (row["Whole"], row["Long"], row["Real"], row["Truth"], row["Text"]) == (7, 2**32, 1.5, True, "a"), row
        assert row["Span"] == "01:30:00" and row["Nothing"] is None, row
        names = ["datetime", "long", "long", "real", "bool", "string", "timespan", "int", "dynamic"]
        assert list(kinds.values()) == names, kinds
        return ", ".join(names)

    def timespan():
        early = (now - timedelta(hours=6), now - timedelta(hours=5))
        rows, _ = ask("DNSData_CL | where run_s == 'interop' | count", timespan=early)
        assert rows == [{"Count": 0}], rows
        return "rows outside it do not count"

    def bad_query():
        error = refused(lambda: ask("DNSData_CL | where NoSuchColumn_s == 'a'"), 400)
        assert error.error and error.error.code == "BadArgumentError", error
        assert "NoSuchColumn_s" in str(error), error
        return "400 BadArgumentError, names the column"

    def other_workspace():
        other = "66666666-6666-6666-6666-666666666666"
        refused(lambda: query.query_workspace(other, "Heartbeat | count", timespan=HOUR), 403, 404)
        return "refused"

    def statistics():
        answer = query.query_workspace(WORKSPACE, "Heartbeat | count", timespan=HOUR, include_statistics=True)
        assert answer.statistics, answer
        return "answered when asked for"

    return [
        ("upload", upload), ("read back by query", read_back), ("upload to the other stream", tags),
        ("upload more than a batch", large_batch), ("upload to an unknown stream", unknown_stream),
        ("upload to an unknown rule", unknown_rule), ("types of a query", types),
        ("timespan of a query", timespan), ("a query that does not bind", bad_query),
        ("another workspace", other_workspace), ("statistics", statistics),
    ]
