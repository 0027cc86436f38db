//! A full disk, and a read-only data folder.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, process::Command};

use mailkey_tests::{ALICE, Answer, Folder, GWEN, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, Setup};

use crate::starting::refusal;

/// A disk that can be filled and emptied again.
enum Disk {
    /// A separate file system, which needs permission to mount.
    Mounted(Folder),
    /// The kernel's limit on file sizes.
    Limited(Folder),
}

impl Disk {
    /// A separate file system, if mounting is allowed.
    fn mounted() -> Option<Disk> {
        let folder = Folder::new();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m", "mailkey-tests"]).arg(folder.path());
        let mounted = mount.output().is_ok_and(|done| done.status.success());
        mounted.then_some(Disk::Mounted(folder))
    }

    fn folder(&self) -> &Folder {
        let (Disk::Mounted(folder) | Disk::Limited(folder)) = self;
        folder
    }

    fn fill(&self, mailkey: &Mailkey) {
        match self {
            Disk::Mounted(folder) => {
                let mut filler = std::fs::File::create(folder.path().join("filler")).unwrap();
                while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
            }
            // Existing data stays, but no file can grow.
            Disk::Limited(_) => limit(mailkey, "4096"),
        }
    }

    fn empty(&self, mailkey: &Mailkey) {
        match self {
            Disk::Mounted(folder) => std::fs::remove_file(folder.path().join("filler")).unwrap(),
            Disk::Limited(_) => limit(mailkey, "unlimited"),
        }
    }
}

fn limit(mailkey: &Mailkey, bytes: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &mailkey.pid().to_string(), &format!("--fsize={bytes}:unlimited")]);
    assert!(prlimit.status().unwrap().success());
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Disk::Mounted(folder) = self {
            // The process that used it has already ended.
            let _ = Command::new("umount").arg("--lazy").arg(folder.path()).status();
        }
    }
}

/// Every request that gets a 202 is stored. Once there is space again, the service continues with everything it
/// accepted.
#[tokio::test]
async fn a_full_disk_loses_no_accepted_request_and_the_service_recovers() {
    let disks = [Some(Disk::Limited(Folder::new())), Disk::mounted()];
    for disk in disks.into_iter().flatten() {
        let setup = Setup::new().data_dir(disk.folder().path()).without_collapsing().surviving_file_limits();
        let mailkey = setup.start().await;
        let token = mailkey.new_token(ALICE).await;
        let session = mailkey.signed_in(ALICE, PASSWORD).await;
        mailkey.settled().await;
        disk.fill(&mailkey);
        let mut accepted = 0;
        for number in 0..40 {
            let answer = mailkey.forgot_password(&format!("nobody{number}@example.com")).await;
            accepted += usize::from(good_or_unavailable(answer, 202));
        }
        assert!(accepted < 40, "the disk was not full");
        for address in [GWEN, PETRA] {
            good_or_unavailable(mailkey.sign_in(address, PASSWORD).await, if address == GWEN { 200 } else { 401 });
        }
        let redeemed = good_or_unavailable(mailkey.redeem_token(&token, NEW_PASSWORD).await, 204);
        mailkey.get("/api/health").await.expect_status(200);
        mailkey.get("/guide/").await.expect_status(200);

        disk.empty(&mailkey);
        if !redeemed {
            mailkey.session(&session).await.expect_status(200);
            mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
        }
        mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
        mailkey.forgot_password(GWEN).await.expect_status(202);
        mailkey.mail_number(1, GWEN).await;
        let tables = mailkey.settled().await;
        let stored = tables.of("EmailRequests").iter();
        let strangers = stored.filter(|it| it["address"]["S"].as_str().unwrap().starts_with("nobody")).count();
        assert!(strangers >= accepted, "{strangers} of {accepted} are stored");
        // The files are intact: the service can start with them.
        mailkey.kill();
        let mailkey = setup.start().await;
        mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
        mailkey.kill();
    }
}

/// With a read-only data folder, the service prints one line that names the file. Once it is writable again, no data is
/// missing.
#[tokio::test]
async fn a_read_only_data_folder_is_refused_and_no_data_is_lost() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path()).without_collapsing();
    let mailkey = setup.start().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(1, ALICE).await;
    mailkey.settled().await;
    mailkey.kill();
    let permit = |name: &str, mode: u32| {
        std::fs::set_permissions(folder.path().join(name), Permissions::from_mode(mode)).unwrap();
    };
    let bound = setup.bound_by_permissions();
    let files = std::fs::read_dir(folder.path()).unwrap();
    let whole: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    for (forbidden, named) in [
        (whole.as_slice(), "the data folder"),
        (&["tables.sqlite".to_owned()], "tables.sqlite"),
        (&["outbox.jsonl".to_owned()], "outbox.jsonl"),
    ] {
        for name in forbidden {
            permit(name, 0o444);
        }
        let said = refusal(&bound);
        assert!(said.contains(named) && (said.contains("readonly") || said.contains("denied")), "{said}");
        for name in forbidden {
            permit(name, 0o600);
        }
    }
    permit("", 0o555);
    let said = refusal(&bound);
    permit("", 0o755);
    assert!(said.contains("tables.sqlite"), "{said}");

    let mailkey = bound.start().await;
    assert_eq!(mailkey.outbox(ALICE).await.len(), 1);
    let token = mailkey.outbox(ALICE).await[0].token().unwrap();
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
}

/// Whether the response has the expected status. Any other response must be a 503 with `Retry-After`.
#[track_caller]
fn good_or_unavailable(answer: Answer, good: u16) -> bool {
    if answer.status != good {
        answer.expect_problem("service-unavailable").retry_after();
        return false;
    }
    true
}
