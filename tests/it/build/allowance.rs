//! What a build allows its RUNs, what is refused, and that none of it changes what is cached.

use rplan::exec::backend::allowance::Resource;
use rplan::exec::backend::{Allowance, Network, Ulimit};
use rplan::exec::{Entitlement, Request, Settings};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

fn with(request: Request, change: impl FnOnce(&mut Settings)) -> Request {
    let mut request = request;
    change(&mut request.settings);
    request
}

#[test]
fn what_reaches_beyond_the_sandbox_needs_whoever_builds_to_agree() {
    let workshop = Workshop::new();
    let insecure = workshop.request("FROM busybox\nRUN --security=insecure true\n");
    let refused = workshop.build_request(&insecure);
    assert_eq!(
        refused.error(),
        "[2/2] asks for every privilege that rplan has: if you trust it, --allow security.insecure"
    );
    let span = refused.outcome.as_ref().expect_err("refused").span().expect("a place");
    assert_eq!(&"FROM busybox\nRUN --security=insecure true\n"[span.range()], "insecure");

    let connected = || workshop.request("FROM busybox\nRUN --network=host true\n");
    let refused = workshop.build_request(&with(connected(), |settings| settings.network = Network::None));
    assert!(refused.error().ends_with("which this build cuts off: if you trust it, --allow network.host"));

    if system_tests_run("root and busybox-static") {
        let allowed = with(insecure, |settings| {
            settings.entitlements.insert(Entitlement::SecurityInsecure);
        });
        workshop.build_request(&allowed).succeeded();
        // With the host's network anyway, asking for it is nothing.
        workshop.build_request(&connected()).succeeded();
        let allowed = with(connected(), |settings| {
            settings.network = Network::None;
            settings.entitlements.insert(Entitlement::NetworkHost);
        });
        workshop.build_request(&allowed).succeeded();
    }
}

#[test]
fn what_is_allowed_is_no_part_of_a_key() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox\nRUN ulimit -n > /limit && cp /etc/hosts /names\n";
    assert_eq!(workshop.build(dockerfile).ran(), ["[1/2]", "[2/2]"]);
    let request = with(workshop.request(dockerfile), |settings| {
        settings.allowance = Allowance {
            hosts: vec![("db".into(), "10.0.0.7".into())],
            ulimits: vec![Ulimit { resource: Resource::Nofile, soft: Some(99), hard: Some(99) }],
            shm_size: Some(1 << 20),
        };
        settings.entitlements.insert(Entitlement::SecurityInsecure);
    });
    assert_eq!(workshop.build_request(&request).ran(), Vec::<String>::new());
}
