//! Wishes that are put together: nobody's is lost, and no plan makes an apply larger.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pure::domain::HostName;
use pure::wish::{Wish, Wishes};

fn name(index: u8) -> HostName {
    HostName::parse(&format!("n{index}.example.com")).unwrap()
}

fn wish() -> impl Strategy<Value = Wish> {
    let names = proptest::collection::vec(0_u8..5, 0..4);
    prop_oneof![
        1 => Just(Wish::All),
        1 => Just(Wish::Nothing),
        4 => names.prop_map(|names| Wish::these(names.into_iter().map(name))),
    ]
}

fn wishes() -> impl Strategy<Value = Wishes> {
    (wish(), wish()).prop_map(|(write, plan)| of(write, plan))
}

/// What a run is to do that took in these two.
fn of(write: Wish, plan: Wish) -> Wishes {
    let mut both = Wishes::to_write(write);
    both.widen(Wishes::to_plan(plan));
    both
}

/// One that no wish names: it is wanted by those who want all, and by nobody else.
fn probes() -> impl Iterator<Item = HostName> {
    (0..6).map(name)
}

proptest! {
    #[test]
    fn a_cover_wants_whatever_the_other_wants(a in wish(), b in wish()) {
        let wanted = probes().all(|name| a.wants(&name) || !b.wants(&name));
        prop_assert_eq!(a.covers(&b), wanted, "{:?} {:?}", a, b);
    }

    #[test]
    fn a_widened_wish_wants_what_either_wants_and_no_more(a in wish(), b in wish()) {
        let mut both = a.clone();
        both.widen(b.clone());
        for name in probes() {
            prop_assert_eq!(both.wants(&name), a.wants(&name) || b.wants(&name), "{:?} {:?} {}", &a, &b, name);
        }
        prop_assert!(both.covers(&a) && both.covers(&b));
        prop_assert_eq!(both.is_nothing(), a.is_nothing() && b.is_nothing());
    }

    #[test]
    fn a_plan_never_makes_an_apply_larger(a in wishes(), plan in wish()) {
        let mut both = a.clone();
        both.widen(Wishes::to_plan(plan));
        prop_assert_eq!(both.write, a.write);
    }

    #[test]
    fn what_is_covered_widens_nothing_that_is_done(a in wishes(), b in wishes()) {
        let mut both = a.clone();
        both.widen(b.clone());
        prop_assert!(both.cover(&a) && both.cover(&b));
        if a.cover(&b) {
            prop_assert!(a.cover(&both), "{:?} {:?}", a, b);
            for name in probes() {
                prop_assert_eq!(both.write.wants(&name), a.write.wants(&name));
                prop_assert_eq!(both.all().wants(&name), a.all().wants(&name));
            }
        } else {
            prop_assert!(!a.cover(&both), "{:?} {:?}", a, b);
        }
    }
}

#[test]
fn names_that_were_given_are_kept_when_all_are_wanted() {
    let names = |names: &[u8]| -> BTreeSet<HostName> { names.iter().copied().map(name).collect() };
    let mut run = Wishes::to_write(Wish::these(names(&[1])));
    for wishes in [
        Wishes::to_plan(Wish::these(names(&[1, 2]))),
        Wishes::to_write(Wish::All),
        Wishes::to_plan(Wish::All),
        Wishes::to_write(Wish::these(names(&[3]))),
    ] {
        run.widen(wishes);
    }
    assert_eq!((&run.write, &run.plan), (&Wish::All, &Wish::All));
    assert_eq!((&run.named.write, &run.named.plan), (&names(&[1, 3]), &names(&[1, 2])));
    assert_eq!(run.named.all(), names(&[1, 2, 3]));
    assert!(run.named.only_planned().eq(&names(&[2])));
    assert_eq!(Wishes::to_write(Wish::All).named.all(), names(&[]));
}

#[test]
fn an_apply_covers_a_plan_and_a_plan_no_apply() {
    let (nas, all) = (Wish::these([name(1)]), Wish::All);
    let (apply, plan) = (Wishes::to_write(nas.clone()), Wishes::to_plan(nas));
    assert!(apply.cover(&plan) && !plan.cover(&apply));
    assert!(Wishes::to_write(all.clone()).cover(&apply));
    assert!(!Wishes::to_plan(all).cover(&apply));
    let mut mixed = apply;
    mixed.widen(Wishes::to_plan(Wish::these([name(2)])));
    assert!(mixed.cover(&Wishes::to_plan(Wish::these([name(1), name(2)]))));
    assert!(!mixed.cover(&Wishes::to_write(Wish::these([name(2)]))));
}

/// Every wish that a call can have by every run that may wait: whether it is covered, and what the run is to do after
/// it has taken the wish in. An apply covers a plan, all names cover some, and what only a plan asked for is planned.
#[test]
fn every_waiting_run_by_every_call() {
    let nothing = || Wish::Nothing;
    let nas = || Wish::these([name(1)]);
    let cam = || Wish::these([name(2)]);
    let both = || Wish::these([name(1), name(2)]);
    let all = || Wish::All;
    let wishes = of;
    let (apply, plan) = (Wishes::to_write, Wishes::to_plan);
    assert_eq!((apply(nas()), plan(nas())), (wishes(nas(), nothing()), wishes(nothing(), nas())));
    #[rustfmt::skip]
    let table = [
        // waiting run           | call        | covered | widened to
        (apply(all()),             apply(all()), true,  wishes(all(), nothing())),
        (apply(all()),             apply(nas()), true,  wishes(all(), nothing())),
        (apply(all()),             plan(all()),  true,  wishes(all(), all())),
        (apply(all()),             plan(nas()),  true,  wishes(all(), nas())),
        (apply(nas()),             apply(all()), false, wishes(all(), nothing())),
        (apply(nas()),             apply(nas()), true,  wishes(nas(), nothing())),
        (apply(nas()),             apply(cam()), false, wishes(both(), nothing())),
        (apply(both()),            apply(cam()), true,  wishes(both(), nothing())),
        (apply(nas()),             plan(all()),  false, wishes(nas(), all())),
        (apply(nas()),             plan(nas()),  true,  wishes(nas(), nas())),
        (apply(nas()),             plan(cam()),  false, wishes(nas(), cam())),
        (apply(nas()),             plan(both()), false, wishes(nas(), both())),
        (plan(all()),              apply(all()), false, wishes(all(), all())),
        (plan(all()),              apply(nas()), false, wishes(nas(), all())),
        (plan(all()),              plan(all()),  true,  wishes(nothing(), all())),
        (plan(all()),              plan(nas()),  true,  wishes(nothing(), all())),
        (plan(nas()),              apply(all()), false, wishes(all(), nas())),
        (plan(nas()),              apply(nas()), false, wishes(nas(), nas())),
        (plan(nas()),              plan(all()),  false, wishes(nothing(), all())),
        (plan(nas()),              plan(nas()),  true,  wishes(nothing(), nas())),
        (plan(nas()),              plan(cam()),  false, wishes(nothing(), both())),
        // What is written of one and planned of another covers a plan of both, and no apply of both.
        (wishes(nas(), cam()),     plan(both()), true,  wishes(nas(), both())),
        (wishes(nas(), cam()),     apply(cam()), false, wishes(both(), cam())),
        (wishes(nas(), all()),     plan(all()),  true,  wishes(nas(), all())),
        (wishes(nas(), all()),     apply(nas()), true,  wishes(nas(), all())),
        (wishes(nas(), all()),     apply(all()), false, wishes(all(), all())),
    ];
    for (waiting, call, covered, widened) in table {
        assert_eq!(waiting.cover(&call), covered, "{waiting:?} {call:?}");
        let mut run = waiting.clone();
        run.widen(call.clone());
        assert_eq!((run.write, run.plan), (widened.write, widened.plan), "{waiting:?} {call:?}");
    }
    for (wish, is_nothing) in [(nothing(), true), (Wish::these([]), true), (nas(), false), (all(), false)] {
        assert_eq!(wish.is_nothing(), is_nothing, "{wish:?}");
    }
    // Whatever is written is looked at, and whatever is planned as well.
    assert_eq!((wishes(nas(), cam()).all(), wishes(nas(), all()).all()), (both(), all()));
    assert_eq!((apply(nas()).all(), plan(nas()).all(), Wishes::default().all()), (nas(), nas(), nothing()));
}
