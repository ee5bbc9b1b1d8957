//! Wishes that are put together: nobody's is lost, and no plan makes an apply larger.

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
    (wish(), wish()).prop_map(|(write, plan)| Wishes { write, plan })
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
