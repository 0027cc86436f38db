//! A disk that is full, and a data folder that can't be written.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, process::Command};

use mailkey_tests::{ALICE, Answer, Folder, GWEN, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, Setup};

use crate::starting::refusal;

/// A disk that can be filled and emptied again.
enum Disk {
    /// A file system of its own, which takes the right to mount one.
    Mounted(Folder),
    /// No file may grow beyond a size, which the kernel sees to.
    Limited(Folder),
}

impl Disk {
    /// A file system of its own where that is allowed.
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
            // What is there stays; none of it may grow.
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
            // The process that used it has ended by now.
            let _ = Command::new("umount").arg("--lazy").arg(folder.path()).status();
        }
    }
}

/// Nothing is answered 202 that is not stored; when there is room again, it goes on by itself, with all it had
/// accepted.
#[tokio::test]
async fn a_full_disk_is_survived_and_nothing_that_was_accepted_is_lost() {
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
        let stored = tables.of("RecoveryRequests").iter();
        let strangers = stored.filter(|it| it["address"]["S"].as_str().unwrap().starts_with("nobody")).count();
        assert!(strangers >= accepted, "{strangers} of {accepted} are stored");
        // The files are whole: another life begins with them.
        mailkey.kill();
        let mailkey = setup.start().await;
        mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
        mailkey.kill();
    }
}

/// Whoever may not write the data is told so in one line that names what it is; who may again, goes on with all of it.
#[tokio::test]
async fn a_data_folder_that_may_only_be_read_is_refused_and_nothing_of_it_is_lost() {
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

/// Whether it went well; otherwise it must be 503, with `Retry-After`.
#[track_caller]
fn good_or_unavailable(answer: Answer, good: u16) -> bool {
    if answer.status != good {
        answer.expect_problem("service-unavailable").retry_after();
        return false;
    }
    true
}
