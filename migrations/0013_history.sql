-- What the leaderboard showed at an earlier moment, and how often it has changed.

-- Counts up in the transaction of every change that a leaderboard may show.
create table revisions (
    name   text primary key,
    value  bigint not null
);
insert into revisions (name, value) values ('ranking', 0);

-- What a submission had scored until it was scored anew.
create table past_scores (
    submission_id   uuid not null references submissions (id),
    until           timestamptz not null,
    truth_set_id    uuid not null references truth_sets (id),
    scorer_version  text not null,
    finished_at     timestamptz not null,
    primary key (submission_id, until)
);
create table past_results (
    submission_id  uuid not null,
    until          timestamptz not null,
    case_id        text not null,
    dice           double precision not null,
    hd95           double precision not null,
    primary key (submission_id, until, case_id),
    foreign key (submission_id, until) references past_scores (submission_id, until)
);

-- What a phase's ranking went by until it was changed, and how a team stood. Whether a submission was
-- published or disqualified is told by the decisions about it.
create table past_phases (
    phase_id      uuid not null references phases (id),
    until         timestamptz not null,
    truth_set_id  uuid not null references truth_sets (id),
    counting      text not null,
    scheme        text not null,
    primary key (phase_id, until)
);
create table past_standings (
    team_id   uuid not null,
    until     timestamptz not null,
    standing  text not null,
    primary key (team_id, until)
);

create index submissions_of_phase on submissions (phase_id, created_at);
