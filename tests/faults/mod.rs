//! Failures of the process, the database, SES, the disk and the clock. In each case every response is correct, no
//! accepted request is lost, and the service recovers without help.

mod availability;
mod clock;
mod crashes;
mod delayed;
mod disk;
mod kills;
mod outages;
mod transactions;

/// `fault-kills 200` does this two hundred times.
#[tokio::test]
async fn random_kills_under_load_lose_no_accepted_request() {
    let report = kills::run(8, 1).await;
    eprintln!("{report}");
    assert_eq!(report.faults(), Vec::<String>::new());
}

/// `fault-outages 30` does this for 30 seconds per outage.
#[tokio::test]
async fn during_every_outage_responses_are_correct_and_no_request_is_lost() {
    for outage in outages::OUTAGES {
        let row = outages::run(outage, std::time::Duration::from_millis(700)).await;
        eprintln!("{row}");
        assert_eq!(row.faults(), Vec::<String>::new(), "{row}");
    }
}
