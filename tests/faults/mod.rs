//! What may break under the service: its process, its database, SES, the disk, the clock. In each case nobody gets a
//! wrong answer, nothing that was accepted is lost, and it recovers by itself.

mod availability;
mod clock;
mod crashes;
mod disk;
mod kills;
mod outages;
mod transactions;

/// `fault-kills 200` does the same two hundred times.
#[tokio::test]
async fn killed_at_random_moments_under_load_it_loses_nothing_it_accepted() {
    let report = kills::run(8, 1).await;
    eprintln!("{report}");
    assert_eq!(report.faults(), Vec::<String>::new());
}

/// `fault-outages 30` does the same for half a minute each.
#[tokio::test]
async fn whatever_a_dependency_does_the_answers_are_right_and_nothing_is_lost() {
    for outage in outages::OUTAGES {
        let row = outages::run(outage, std::time::Duration::from_millis(700)).await;
        eprintln!("{row}");
        assert_eq!(row.faults(), Vec::<String>::new(), "{row}");
    }
}
