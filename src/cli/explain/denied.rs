//! Name servers that deny a record set which is right in Azure: how many, and what to look at.

use std::net::SocketAddr;

use crate::cli::phrase::Phrase;
use crate::run::{Explained, Served};
use pure::domain::{ZoneId, ZoneKind, join_addresses};
use pure::plan::explanation::Verdict;
use pure::plan::{Explanation, Reason};
use pure::shown::{shell_word, shown};

/// Name servers that are asked once more, one by one.
const FEW: usize = 3;

/// Which name servers answered, and of them those that say something else, of a set that is right.
fn asked<'f>(found: &'f Explained, set: &Explanation) -> Option<(usize, Vec<&'f Served>)> {
    let is_right = set.verdict == Verdict::InSync || set.reason == Some(Reason::AlreadyRight);
    let stands = &set.record_set;
    // What an alias leads to Azure resolves at each question.
    if !is_right || stands.alias.is_some() || set.delegated_at.is_some() {
        return None;
    }
    let served = found.side_of(set)?.served.as_ref().ok()?;
    let asked = served.iter().filter(|told| told.record_type == set.record_type);
    let answered: Vec<_> = asked.filter(|told| told.failed.is_none()).collect();
    let others = answered.iter().filter(|told| told.addresses != stands.addresses).copied().collect();
    Some((answered.len(), others))
}

/// That name servers of the zone answer otherwise.
pub(super) fn counted(found: &Explained, set: &Explanation) -> Option<String> {
    let (all, others) = asked(found, set)?;
    let verb = if others.len() == 1 { "answers" } else { "answer" };
    (!others.is_empty()).then(|| format!("{} of {all} name servers {verb} otherwise", others.len()))
}

/// What to look at then: each of them once more, and whoever serves the name besides.
pub(super) fn looked_into(found: &Explained, set: &Explanation) -> Vec<Phrase> {
    let others = asked(found, set).map(|(_, others)| others).unwrap_or_default();
    if others.is_empty() {
        return Vec::new();
    }
    let is_private = set.zone.as_ref().map(ZoneId::kind) == Some(ZoneKind::Private);
    let mut said = vec![Phrase::from("the record set in Azure is right: nothing is to be written")];
    said.extend(others.iter().take(FEW).map(|told| {
        let what = match told.addresses.is_empty() {
            true => "no address".to_owned(),
            false => join_addresses(&told.addresses),
        };
        let question = format!("{} {}", found.name, told.record_type);
        Phrase::from(format!("{} answers {what}; once more:", shown(&told.server)))
            .whole(format!("dig {} {question}", at(&told.server)))
    }));
    let (served, named) = if is_private {
        (
            "out of its cache until the ttl is over, else out of another zone of that name, forwarded or linked",
            "which networks are linked:  ",
        )
    } else {
        ("out of a second zone of that name, such as one at another provider", "whom the parent leads to:  ")
    };
    said.push(Phrase::from(format!("if it stays so, it answers {served}; {named}")).run("doctor"));
    said
}

/// A name server as `dig` takes it.
fn at(server: &str) -> String {
    match server.parse::<SocketAddr>() {
        Ok(server) if server.port() == 53 => format!("@{}", server.ip()),
        Ok(server) => format!("@{} -p {}", server.ip(), server.port()),
        Err(_) => shell_word(&format!("@{server}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_server_is_told_as_dig_takes_it() {
        assert_eq!(at("127.0.0.1:5053"), "@127.0.0.1 -p 5053");
        assert_eq!(at("[2001:db8::1]:53"), "@2001:db8::1");
        assert!(at("ns1-01.azure-dns.com.").contains("@ns1-01.azure-dns.com."));
    }
}
