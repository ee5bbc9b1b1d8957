//! Wishes that are put together: nobody's is lost, and no plan makes an apply larger.

use proptest::prelude::*;
use pure::domain::{HostName, NameSet, ZoneId};
use pure::wish::{Wish, Wishes};

fn name(index: u8) -> HostName {
    HostName::parse(&format!("n{index}.example.com")).unwrap()
}

/// The zones that hold the names, one of each kind.
fn zones() -> [ZoneId; 2] {
    ["dnsZones", "privateDnsZones"].map(|kind| {
        let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
        ZoneId::parse(&format!("{base}/{kind}/example.com")).unwrap()
    })
}

/// A name on one of its sides, 0 or 1, or on both.
fn side(index: u8, side: u8) -> NameSet {
    NameSet::of([name(index)], zones().get(usize::from(side)))
}

fn wish() -> impl Strategy<Value = Wish> {
    let names = proptest::collection::vec((0_u8..5, 0_u8..3), 0..4);
    let of = |names: Vec<(u8, u8)>| {
        let mut all = NameSet::default();
        names.into_iter().for_each(|(index, on)| all.take_in(side(index, on)));
        Wish::of(all)
    };
    prop_oneof![
        1 => Just(Wish::All),
        1 => Just(Wish::Nothing),
        4 => names.prop_map(of),
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

/// Every side of every name, and of one that no wish names: it is wanted by those who want all, and by nobody else. A third zone
/// stands for the side that is not known yet.
fn probes() -> impl Iterator<Item = (ZoneId, HostName)> {
    let third = ZoneId::parse(&zones()[0].as_str().replace("/g/", "/other/")).unwrap();
    zones().into_iter().chain([third]).flat_map(|zone| (0..6).map(move |index| (zone.clone(), name(index))))
}

proptest! {
    #[test]
    fn a_cover_wants_whatever_the_other_wants(a in wish(), b in wish()) {
        let wanted = probes().all(|(zone, name)| a.wants(&zone, &name) || !b.wants(&zone, &name));
        prop_assert_eq!(a.covers(&b), wanted, "{:?} {:?}", a, b);
    }

    #[test]
    fn a_widened_wish_wants_what_either_wants_and_no_more(a in wish(), b in wish()) {
        let mut both = a.clone();
        both.widen(b.clone());
        for (zone, name) in probes() {
            let either = a.wants(&zone, &name) || b.wants(&zone, &name);
            prop_assert_eq!(both.wants(&zone, &name), either, "{:?} {:?} {}", &a, &b, name);
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
            for (zone, name) in probes() {
                prop_assert_eq!(both.write.wants(&zone, &name), a.write.wants(&zone, &name));
                prop_assert_eq!(both.all().wants(&zone, &name), a.all().wants(&zone, &name));
            }
        } else {
            prop_assert!(!a.cover(&both), "{:?} {:?}", a, b);
        }
    }
}

#[test]
fn names_that_were_given_are_kept_when_all_are_wanted() {
    let names = |names: &[u8]| -> NameSet { names.iter().copied().map(name).collect() };
    let mut run = Wishes::to_write(Wish::of(names(&[1])));
    for wishes in [
        Wishes::to_plan(Wish::of(names(&[1, 2]))),
        Wishes::to_write(Wish::All),
        Wishes::to_plan(Wish::All),
        Wishes::to_write(Wish::of(names(&[3]))),
    ] {
        run.widen(wishes);
    }
    assert_eq!((&run.write, &run.plan), (&Wish::All, &Wish::All));
    assert_eq!((&run.named.write, &run.named.plan), (&names(&[1, 3]), &names(&[1, 2])));
    assert_eq!(run.named.all(), names(&[1, 2, 3]));
    let only_planned = [1, 2, 3].map(|index| run.named.is_only_planned(&zones()[0], &name(index)));
    assert_eq!(only_planned, [false, true, false]);
    assert_eq!(Wishes::to_write(Wish::All).named.all(), names(&[]));
}

#[test]
fn a_side_is_covered_by_itself_and_by_both_and_two_sides_put_together_are_no_more_than_they() {
    let [public, private, both] = [0, 1, 2].map(|on| Wishes::to_write(Wish::of(side(1, on))));
    assert!(both.cover(&public) && both.cover(&private) && Wishes::to_write(Wish::All).cover(&private));
    assert!(!public.cover(&private) && !private.cover(&both) && !private.cover(&public));
    assert!(private.cover(&Wishes::to_plan(Wish::of(side(1, 1)))));
    let mut run = private.clone();
    run.widen(Wishes::to_plan(Wish::of(side(1, 2))));
    let [zone, other] = zones();
    assert!(run.write.wants(&other, &name(1)) && !run.write.wants(&zone, &name(1)), "{run:?}");
    assert!(run.named.is_only_planned(&zone, &name(1)) && !run.named.is_only_planned(&other, &name(1)));
    run.widen(public.clone());
    assert!(run.cover(&private) && run.cover(&public) && !run.cover(&both), "{run:?}");
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
