//! Who is in which team, whatever happens at the same moment.

use asoca::domain::{Refusal, SignUp, Standing, TeamDecision, TeamId, UserId};
use asoca::scoring::SCORER_VERSION;
use asoca::store::{
    Added, EventFilter, Store, StoreError, TeamDecisionRequest, TeamFilter, TeamOutcome, Timestamp,
};
use futures_util::future::join_all;
use test_support::rows::account;
use test_support::{Database, on_both_engines};

use crate::scene::{Scene, Sent, add_team, at, value};

on_both_engines! {
    who_founds_a_team_leads_it_and_is_in_no_other,
    a_founded_team_waits_for_approval,
    an_invitation_lets_in_whoever_has_it_until_it_is_replaced_withdrawn_or_over,
    of_parallel_joins_into_many_teams_one_is_done,
    a_leader_hands_over_before_leaving,
    the_last_member_takes_along_only_a_team_that_sent_nothing,
    a_team_whose_leader_leaves_while_others_join_is_gone_or_has_a_leader,
    a_suspended_team_is_not_ranked_and_lets_nobody_in,
    a_decision_that_makes_no_sense_changes_nothing,
    a_decision_about_a_team_leaves_who_why_before_and_after,
    a_merged_team_gives_all_it_has_and_its_name,
    what_is_sent_while_teams_are_merged_belongs_to_the_other_one,
    teams_that_are_merged_into_each_other_are_one,
    an_upload_of_a_team_that_is_gone_is_refused,
    teams_are_listed_by_standing_and_found_by_name_and_member,
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Refusal {
    match result {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn add_person(store: &Store, name: &str) -> UserId {
    let email = format!("{name}@example.org");
    store.add_account(&account(&email, None), at(0)).await.unwrap()
}

/// Makes the link whose digest is `digest` the team's, and lets a new person in by it.
async fn add_member(scene: &Scene, name: &str) -> UserId {
    let user = add_person(&scene.store, name).await;
    scene.store.invite_to_team(scene.team, scene.user, Some(name), at(1)).await.unwrap();
    assert_eq!(scene.store.join_team(user, name, at(2)).await.unwrap(), scene.team);
    user
}

impl Scene {
    /// The members' ids, the leader first, and how many lead.
    async fn members(&self, team: TeamId) -> (Vec<UserId>, usize) {
        let members = self.store.members_of(team).await.unwrap();
        let leaders = members.iter().filter(|member| member.leader).count();
        (members.into_iter().map(|member| member.user).collect(), leaders)
    }

    fn request(&self) -> TeamDecisionRequest<'static> {
        TeamDecisionRequest { actor: self.user, reason: "for a reason" }
    }

    pub async fn decide_team(&self, decision: TeamDecision, now: Timestamp) -> TeamOutcome {
        self.store.decide_team(self.team, decision, self.request(), now).await.unwrap()
    }

    pub async fn merge(&self, from: TeamId, into: TeamId) -> TeamOutcome {
        self.store.merge_teams(from, into, self.request(), at(50)).await.unwrap()
    }

    async fn is_ranked(&self) -> bool {
        !self.store.ranked(&self.phase, SCORER_VERSION, None).await.unwrap().is_empty()
    }
}

async fn who_founds_a_team_leads_it_and_is_in_no_other(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let user = add_person(store, "b").await;
    assert_eq!(refused(store.create_team(user, " team  A", at(1)).await), Refusal::TeamNameTaken);
    let team = store.create_team(user, "Team B", at(1)).await.unwrap();
    let own = store.team_of(user).await.unwrap().unwrap();
    assert_eq!((own.id, own.standing, own.leader), (team, Standing::Pending, true));
    assert_eq!(refused(store.create_team(user, "Team C", at(2)).await), Refusal::AlreadyMember);
    assert_eq!(store.team_named("team c").await.unwrap(), None, "a team without members");

    let others = [add_person(store, "c").await, add_person(store, "d").await];
    let attempts = (0..10).map(|i| store.create_team(others[i % 2], "The one", at(3)));
    let created = join_all(attempts).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(created, 1);
}

async fn a_founded_team_waits_for_approval(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    for mode in [SignUp::Approval, SignUp::Invitation, SignUp::Open] {
        store.set_sign_up_mode(scene.user, None, mode, at(1)).await.unwrap();
        assert_eq!(store.sign_up_mode().await.unwrap(), mode);
        let user = add_person(store, mode.as_str()).await;
        store.create_team(user, mode.as_str(), at(2)).await.unwrap();
        assert_eq!(store.team_of(user).await.unwrap().unwrap().standing, Standing::Pending);
    }
    assert_eq!(store.teams_standing(Standing::Pending).await.unwrap(), 3);
    let changed = EventFilter { action: "sign-up mode changed".into(), ..EventFilter::default() };
    let details: Vec<_> =
        store.events(&changed, 9).await.unwrap().into_iter().map(|event| event.detail).collect();
    assert_eq!(details[2], serde_json::json!({ "before": "open", "after": "approval" }));
}

async fn an_invitation_lets_in_whoever_has_it_until_it_is_replaced_withdrawn_or_over(
    database: Database,
) {
    let scene = Scene::new(database).await;
    let (store, team, leader) = (&scene.store, scene.team, scene.user);
    let [b, c, d] = [add_person(store, "b"), add_person(store, "c"), add_person(store, "d")];
    let (b, c, d) = (b.await, c.await, d.await);
    let days = |days: u64| at(days * 24 * 3600);

    store.invite_to_team(team, leader, Some("one"), at(0)).await.unwrap();
    let invitation = store.invitation("one", days(13)).await.unwrap().unwrap();
    assert_eq!(invitation.team_name.as_deref(), Some("Team A"));
    assert_eq!((invitation.inviter.as_str(), invitation.expires_at), ("Ada", days(14)));
    store.join_team(b, "one", at(1)).await.unwrap();
    assert_eq!(refused(store.join_team(b, "one", at(1)).await), Refusal::AlreadyMember);
    assert_eq!(refused(store.join_team(c, "one", days(14)).await), Refusal::InvitationOver);
    store.join_team(c, "one", days(13)).await.unwrap();

    // By somebody who does not lead, nothing changes.
    let by_member = store.invite_to_team(team, b, Some("mine"), at(2)).await;
    assert_eq!(refused(by_member), Refusal::NotLeader);
    store.invite_to_team(team, leader, Some("two"), at(3)).await.unwrap();
    assert_eq!(refused(store.join_team(d, "one", at(4)).await), Refusal::InvitationOver);
    assert!(store.invitation_of(team, at(4)).await.unwrap().is_some());
    store.invite_to_team(team, leader, None, at(5)).await.unwrap();
    assert_eq!(refused(store.join_team(d, "two", at(6)).await), Refusal::InvitationOver);
    assert!(store.invitation_of(team, at(6)).await.unwrap().is_none());
    assert!(store.team_of(d).await.unwrap().is_none());

    store.invite_to_team(team, leader, Some("three"), at(7)).await.unwrap();
    assert_eq!(store.delete_expired_invitations(days(14)).await.unwrap(), 0);
    assert_eq!(store.delete_expired_invitations(days(15)).await.unwrap(), 1);
}

async fn of_parallel_joins_into_many_teams_one_is_done(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let names: Vec<String> = (0..8).map(|i| format!("t{i}")).collect();
    for name in &names {
        let (leader, team) = add_team(store, &format!("{name}@example.org"), name).await;
        store.invite_to_team(team, leader, Some(name), at(1)).await.unwrap();
    }
    let user = add_person(store, "b").await;
    let joins = names.iter().map(|name| store.join_team(user, name, at(2)));
    let mut joined = Vec::new();
    for outcome in join_all(joins).await {
        match outcome {
            Ok(team) => joined.push(team),
            other => assert_eq!(refused(other), Refusal::AlreadyMember),
        }
    }
    assert_eq!(joined.len(), 1);
    assert_eq!(store.team_of(user).await.unwrap().unwrap().id, joined[0]);
}

async fn a_leader_hands_over_before_leaving(database: Database) {
    let scene = Scene::new(database).await;
    let (store, team, leader) = (&scene.store, scene.team, scene.user);
    scene.submit(at(1)).await;
    let member = add_member(&scene, "b").await;
    let stranger = add_person(store, "c").await;
    assert_eq!(refused(store.leave_team(leader, team, at(3)).await), Refusal::HandOverFirst);
    assert_eq!(refused(store.leave_team(stranger, team, at(3)).await), Refusal::NoTeam);
    let to_stranger = store.hand_over(team, leader, stranger, at(3)).await;
    assert_eq!(refused(to_stranger), Refusal::Hidden);
    let by_member = store.hand_over(team, member, member, at(3)).await;
    assert_eq!(refused(by_member), Refusal::NotLeader);
    assert_eq!(scene.members(team).await, (vec![leader, member], 1));

    store.hand_over(team, leader, member, at(4)).await.unwrap();
    assert_eq!(scene.members(team).await, (vec![member, leader], 1));
    store.leave_team(leader, team, at(5)).await.unwrap();
    assert_eq!(scene.members(team).await, (vec![member], 1));
    assert!(store.team_of(leader).await.unwrap().is_none());
    assert_eq!(store.submissions_of(team, 10).await.unwrap().len(), 1);
}

async fn the_last_member_takes_along_only_a_team_that_sent_nothing(database: Database) {
    let scene = Scene::new(database).await;
    let (store, team, user) = (&scene.store, scene.team, scene.user);
    store.invite_to_team(team, user, Some("link"), at(1)).await.unwrap();
    store.leave_team(user, team, at(2)).await.unwrap();
    assert!(store.team_of(user).await.unwrap().is_none());
    assert!(store.invitation("link", at(2)).await.unwrap().is_none());
    let left: i64 = value!(store, "select count(*) from teams");
    assert_eq!(left, 0);

    let again = store.create_team(user, "Team A", at(3)).await.unwrap();
    Sent { team: again, ..scene.submission() }.add_new(at(4)).await;
    assert_eq!(refused(store.leave_team(user, again, at(5)).await), Refusal::HasSubmissions);
    assert_eq!(store.team_of(user).await.unwrap().unwrap().id, again);
}

async fn a_team_whose_leader_leaves_while_others_join_is_gone_or_has_a_leader(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    for round in 0..10 {
        let name = format!("r{round}");
        let (leader, team) = add_team(store, &format!("{name}@example.org"), &name).await;
        store.invite_to_team(team, leader, Some(&name), at(1)).await.unwrap();
        let mut people = Vec::new();
        for i in 0..3 {
            people.push(add_person(store, &format!("{name}-{i}")).await);
        }
        let joins = join_all(people.iter().map(|&user| store.join_team(user, &name, at(2))));
        let (left, joined) = futures_util::join!(store.leave_team(leader, team, at(2)), joins);
        let (members, leaders) = scene.members(team).await;
        if left.is_ok() {
            assert_eq!((members, leaders), (vec![], 0));
            assert!(joined.into_iter().all(|join| refused(join) == Refusal::InvitationOver));
        } else {
            assert_eq!(refused(left), Refusal::HandOverFirst);
            assert_eq!((members.len(), leaders), (4, 1));
        }
    }
}

async fn a_suspended_team_is_not_ranked_and_lets_nobody_in(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let stranger = add_person(store, "b").await;
    scene.scored(scene.submission(), at(10)).await;
    store.invite_to_team(scene.team, scene.user, Some("link"), at(11)).await.unwrap();
    assert!(scene.is_ranked().await);

    assert_eq!(scene.decide_team(TeamDecision::Suspend, at(20)).await, TeamOutcome::Done);
    assert!(!scene.is_ranked().await);
    let own = store.team_of(scene.user).await.unwrap().unwrap();
    assert_eq!((own.standing, own.reason.as_deref()), (Standing::Suspended, Some("for a reason")));
    assert!(store.invitation("link", at(21)).await.unwrap().is_none());
    assert_eq!(refused(store.join_team(stranger, "link", at(21)).await), Refusal::InvitationOver);

    assert_eq!(scene.decide_team(TeamDecision::Reinstate, at(30)).await, TeamOutcome::Done);
    assert!(scene.is_ranked().await);
    store.join_team(stranger, "link", at(31)).await.unwrap();
}

async fn a_decision_that_makes_no_sense_changes_nothing(database: Database) {
    let scene = Scene::new(database).await;
    for decision in [TeamDecision::Approve, TeamDecision::Reinstate, TeamDecision::Merge] {
        let outcome = scene.decide_team(decision, at(1)).await;
        assert_eq!(outcome, TeamOutcome::InvalidState(Standing::Approved), "{decision}");
    }
    let unknown =
        scene.store.decide_team(TeamId::new(), TeamDecision::Suspend, scene.request(), at(1)).await;
    assert_eq!(unknown.unwrap(), TeamOutcome::Unknown);
    assert_eq!(scene.merge(scene.team, TeamId::new()).await, TeamOutcome::Unknown);
    let decided = EventFilter { action: "team decided".into(), ..EventFilter::default() };
    assert!(scene.store.events(&decided, 10).await.unwrap().is_empty());

    let suspensions = (0..10).map(|_| scene.decide_team(TeamDecision::Suspend, at(2)));
    let outcomes = join_all(suspensions).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == TeamOutcome::Done).count(), 1);
}

async fn a_decision_about_a_team_leaves_who_why_before_and_after(database: Database) {
    let scene = Scene::new(database).await;
    scene.decide_team(TeamDecision::Suspend, at(20)).await;
    let event = scene.store.events(&EventFilter::default(), 10).await.unwrap().remove(0);
    assert_eq!(
        (event.at, event.actor, event.action.as_str()),
        (at(20), Some(scene.user), "team decided")
    );
    assert_eq!(event.subject, scene.team.to_string());
    assert_eq!(
        event.detail,
        serde_json::json!({
            "decision": "suspend",
            "reason": "for a reason",
            "before": { "standing": "approved", "reason": null },
            "after": { "standing": "suspended", "reason": "for a reason" },
        })
    );
}

async fn a_merged_team_gives_all_it_has_and_its_name(database: Database) {
    let scene = Scene::new(database).await;
    let (store, into) = (&scene.store, scene.team);
    let (other, from) = add_team(store, "b@example.org", "Team B").await;
    let sent = Sent { user: other, team: from, ..scene.submission() }.add_new(at(1)).await;
    store.invite_to_team(from, other, Some("link"), at(2)).await.unwrap();

    assert_eq!(scene.merge(from, into).await, TeamOutcome::Done);
    assert_eq!(scene.members(into).await, (vec![scene.user, other], 1));
    assert_eq!(scene.row(sent).await.team_id, into);
    assert!(store.invitation("link", at(3)).await.unwrap().is_none());
    let merged = store.merged_into(into).await.unwrap();
    assert_eq!((merged[0].name.as_str(), merged[0].reason.as_str()), ("Team B", "for a reason"));
    assert_eq!(store.quota(&scene.phase, into, at(60)).await.unwrap().used, 1);
    let trail = EventFilter { subject: into.to_string(), ..EventFilter::default() };
    let detail = store.events(&trail, 10).await.unwrap().remove(0).detail;
    assert_eq!(
        detail["before"],
        serde_json::json!({ "team": from, "members": [other], "submissions": [sent] })
    );

    // It can neither be merged again nor be decided about, and its name is free.
    assert_eq!(scene.merge(from, into).await, TeamOutcome::Unknown);
    assert_eq!(scene.merge(into, from).await, TeamOutcome::Unknown);
    assert_eq!(store.teams(&TeamFilter::default(), 10).await.unwrap().len(), 1);
    let next = add_person(store, "c").await;
    store.create_team(next, "Team B", at(51)).await.unwrap();
}

async fn what_is_sent_while_teams_are_merged_belongs_to_the_other_one(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    let (other, from) = add_team(store, "b@example.org", "Team B").await;
    let upload = Sent { user: other, team: from, ..scene.submission() };
    let uploads = join_all((0..20).map(|_| upload.add(at(10))));
    let (merged, added) = futures_util::join!(scene.merge(from, scene.team), uploads);
    assert_eq!(merged, TeamOutcome::Done);
    assert!(added.iter().all(|(_, added)| *added == Added::New), "{added:?}");
    // And so does what comes when it is done, over two merges.
    let (_, third) = add_team(store, "c@example.org", "Team C").await;
    assert_eq!(scene.merge(scene.team, third).await, TeamOutcome::Done);
    upload.add_new(at(20)).await;
    assert_eq!(store.submissions_of(third, 100).await.unwrap().len(), 21);
}

async fn teams_that_are_merged_into_each_other_are_one(database: Database) {
    let scene = Scene::new(database).await;
    let store = &scene.store;
    for round in 0..5 {
        let name = |i| format!("{round}-{i}");
        let (a, b) = (name(0), name(1));
        let (_, first) = add_team(store, &format!("{a}@example.org"), &a).await;
        let (_, second) = add_team(store, &format!("{b}@example.org"), &b).await;
        let merges = futures_util::join!(scene.merge(first, second), scene.merge(second, first));
        let done = [merges.0, merges.1].iter().filter(|merge| **merge == TeamOutcome::Done).count();
        assert_eq!(done, 1, "{merges:?}");
        let (of_first, of_second) = (scene.members(first).await, scene.members(second).await);
        let mut sizes = [of_first, of_second].map(|(members, leaders)| (members.len(), leaders));
        sizes.sort_unstable();
        assert_eq!(sizes, [(0, 0), (2, 1)]);
    }
}

async fn an_upload_of_a_team_that_is_gone_is_refused(database: Database) {
    let scene = Scene::new(database).await;
    scene.store.leave_team(scene.user, scene.team, at(1)).await.unwrap();
    let (_, added) = scene.submission().add(at(2)).await;
    assert_eq!(added, Added::NoTeam);
    let rows: i64 = value!(&scene.store, "select count(*) from submissions");
    assert_eq!(rows, 0);
}

async fn teams_are_listed_by_standing_and_found_by_name_and_member(database: Database) {
    let scene = Scene::new(database).await;
    let (store, first) = (&scene.store, scene.team);
    scene.submit(at(1)).await;
    store.set_sign_up_mode(scene.user, None, SignUp::Approval, at(1)).await.unwrap();
    let waiting = add_person(store, "waits").await;
    let waiting = store.create_team(waiting, "100 % Waiting", at(2)).await.unwrap();
    let (_, last) = add_team(store, "z@example.org", "Team Z").await;
    let member = add_member(&scene, "grace").await;

    let filter = TeamFilter::default;
    let found = async |filter, most| {
        let teams = store.teams(&filter, most).await.unwrap();
        teams.into_iter().map(|team| team.id).collect::<Vec<_>>()
    };
    assert_eq!(found(filter(), 10).await, [waiting, last, first]);
    assert_eq!(found(filter(), 2).await, [waiting, last]);
    let after = |id| TeamFilter { before: Some(id), ..filter() };
    assert_eq!(found(after(waiting), 10).await, [last, first]);
    assert_eq!(found(after(last), 10).await, [first]);
    for (search, teams) in [
        ("team", vec![last, first]),
        ("100 %", vec![waiting]),
        ("%", vec![waiting]),
        ("GRACE@", vec![first]),
        ("ada", vec![waiting, last, first]),
        ("nobody", vec![]),
    ] {
        let filter = TeamFilter { search: search.into(), ..filter() };
        assert_eq!(found(filter, 10).await, teams, "{search}");
    }
    let approved = TeamFilter { standing: "approved".into(), ..filter() };
    assert_eq!(found(approved, 10).await, [last, first]);

    let listed = store.teams(&after(last), 10).await.unwrap().remove(0);
    assert_eq!((listed.submissions, listed.members.len()), (1, 2));
    assert_eq!((listed.members[1].user, listed.members[0].leader), (member, true));
}
