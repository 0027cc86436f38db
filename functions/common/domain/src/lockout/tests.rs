use proptest::prelude::*;

use super::*;

const POLICY: LockoutPolicy = LockoutPolicy { max_failures: 10, duration: SignedDuration::from_mins(15) };
const LAST: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn at(seconds: i64) -> Timestamp {
    LAST + SignedDuration::from_secs(seconds)
}

fn id(began: Timestamp, number: u128) -> Ulid {
    Ulid::from_parts(u64::try_from(began.as_millisecond()).unwrap(), number)
}

/// What a store does with the verdict of an attempt.
fn decide(attempts: &mut FailedSignIns, id: Ulid, is_wrong: bool, now: Timestamp) {
    let Some(position) = attempts.undecided.iter().position(|known| *known == id) else { return };
    attempts.undecided.remove(position);
    if is_wrong {
        attempts.failed_at = Some(now);
        attempts.in_row_until = now.saturating_add(IN_ROW_KEPT).ok();
    } else {
        attempts.count -= 1;
        attempts.in_row -= 1;
    }
}

#[test]
fn the_lock_begins_at_the_limit_and_ends_after_its_time() {
    for (failures, minutes_later, locked, next) in [
        (1, 0, false, Some(2)),
        (9, 0, false, Some(10)),
        (9, 15, false, Some(10)),
        (9, 24 * 60 - 1, false, Some(10)),
        (9, 24 * 60, false, Some(1)),
        (10, 0, true, None),
        (10, 14, true, None),
        (10, 15, false, Some(1)),
        (12, 14, true, None),
        (12, 15, false, Some(1)),
    ] {
        let attempts = FailedSignIns::failed(failures, LAST);
        let now = at(minutes_later * 60);
        assert_eq!(attempts.lock(POLICY, now).is_some(), locked, "{failures} after {minutes_later} min");
        let admitted = attempts.admit(POLICY, id(now, 1), now);
        assert_eq!(admitted.map(|next| next.count).ok(), next, "{failures} after {minutes_later} min");
    }
}

#[test]
fn a_clock_set_back_keeps_the_lock() {
    assert!(FailedSignIns::failed(10, LAST).lock(POLICY, at(-3600)).is_some());
}

#[test]
fn a_hundred_failures_in_a_row_lock_until_a_recovery_and_are_forgotten_after_400_days() {
    let attempts = |in_row| FailedSignIns { count: 0, in_row, ..FailedSignIns::failed(0, LAST) };
    let day = 24 * 3600;
    assert_eq!(attempts(99).lock(POLICY, at(day)), None);
    assert_eq!(attempts(100).lock(POLICY, at(day)), Some(Lock::UntilRecovery));
    assert_eq!(attempts(100).admit(POLICY, id(at(0), 1), at(400 * day - 1)), Err(Lock::UntilRecovery));
    let later = attempts(100).admit(POLICY, id(at(400 * day), 1), at(400 * day)).unwrap();
    assert_eq!((later.count, later.in_row, later.in_row_until), (1, 1, None));
}

#[test]
fn concurrent_attempts_never_exceed_a_hundred_in_a_row() {
    let mut attempts = FailedSignIns { count: 0, in_row: 98, ..FailedSignIns::failed(0, LAST) };
    for number in 0..2 {
        attempts = attempts.admit(POLICY, id(at(1), number), at(1)).unwrap();
    }
    assert_eq!(attempts.admit(POLICY, id(at(1), 2), at(1)), Err(Lock::Until(at(61))), "the others may still be right");
    for number in 0..2 {
        decide(&mut attempts, id(at(1), number), true, at(2));
    }
    assert_eq!(attempts.admit(POLICY, id(at(3), 3), at(3)), Err(Lock::UntilRecovery));
}

#[test]
fn attempts_without_a_verdict_refuse_others_for_a_minute_and_never_start_the_long_lock() {
    let mut attempts = FailedSignIns::default();
    for number in 0..10 {
        let now = at(number);
        attempts = attempts.admit(POLICY, id(now, 1), now).unwrap();
    }
    assert_eq!(attempts.lock(POLICY, at(9)), None);
    assert_eq!(attempts.admit(POLICY, id(at(59), 2), at(59)), Err(Lock::Until(at(60))));
    let next = attempts.admit(POLICY, id(at(60), 2), at(60)).unwrap();
    assert_eq!((next.count, next.failures(), next.in_row), (10, 0, 10), "only the first one is a minute old");
    let next = attempts.admit(POLICY, id(at(100), 2), at(100)).unwrap();
    assert_eq!((next.count, next.in_row), (1, 1));
}

#[test]
fn a_late_verdict_of_an_attempt_that_no_longer_counts_changes_nothing() {
    let begun = FailedSignIns::default().admit(POLICY, id(at(0), 1), at(0)).unwrap();
    let full = FailedSignIns { count: 10, in_row: 10, ..begun };
    let mut next = full.admit(POLICY, id(at(61), 2), at(61)).unwrap();
    let before = next.clone();
    decide(&mut next, id(at(0), 1), true, at(62));
    assert_eq!(next, before);
}

/// What happens at an address: an attempt begins, one of those in progress gets its verdict, or time passes.
#[derive(Debug, Clone)]
enum Step {
    Begin,
    Decide { which: prop::sample::Index, is_wrong: bool },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Begin),
        4 => (any::<prop::sample::Index>(), prop::bool::weighted(0.9))
            .prop_map(|(which, is_wrong)| Step::Decide { which, is_wrong }),
        2 => prop_oneof![1_i64..90, 600_i64..1200, 80_000_i64..90_000].prop_map(Step::Wait),
    ]
}

proptest! {
    /// The model counts what an observer sees: verdicts.
    #[test]
    fn however_attempts_interleave_no_more_than_the_limits_are_verified(steps in prop::collection::vec(step(), 1..600)) {
        let (mut attempts, mut now, mut number) = (FailedSignIns::default(), LAST, 0);
        let mut open: Vec<Ulid> = Vec::new();
        let mut wrong: Vec<Timestamp> = Vec::new();
        for step in steps {
            match step {
                Step::Begin => {
                    number += 1;
                    let id = id(now, number);
                    match attempts.admit(POLICY, id, now) {
                        Ok(next) => {
                            attempts = next;
                            open.push(id);
                        }
                        Err(Lock::UntilRecovery) => prop_assert_eq!(wrong.len(), 100),
                        Err(Lock::Until(until)) => {
                            prop_assert!(until > now, "a lock that is over refuses");
                            let latest = now + POLICY.duration.max(UNDECIDED_FOR);
                            prop_assert!(until <= latest, "the wait grows");
                        }
                    }
                }
                Step::Decide { which, is_wrong } if !open.is_empty() => {
                    let id = open.remove(which.index(open.len()));
                    let counted = attempts.undecided.contains(&id);
                    decide(&mut attempts, id, is_wrong, now);
                    if is_wrong && counted {
                        wrong.push(now);
                    }
                }
                Step::Decide { .. } => {}
                Step::Wait(seconds) => now += SignedDuration::from_secs(seconds),
            }
            prop_assert!(wrong.len() <= 100, "more than 100 in a row");
            let within = wrong.iter().filter(|at| now.duration_since(**at) < POLICY.duration).count();
            prop_assert!(within <= 10, "{within} failures within the duration of a lock");
            prop_assert_eq!(attempts.in_row - i64::try_from(attempts.undecided.len()).unwrap(), i64::try_from(wrong.len()).unwrap());
        }
    }
}
