-- What the masks of a submission are, whatever files they came in: foreground voxels, and SHA-256 of shape and
-- bits. They are facts of the upload, not of a truth set: a submission scored anew has the same.
create table case_masks (
    submission_id  uuid not null references submissions (id),
    case_id        text not null,
    voxels         bigint not null,
    sha256         text not null,
    primary key (submission_id, case_id)
);
create index case_masks_by_digest on case_masks (sha256);

-- The attempt whose result was last looked at for what organisers should see; and whether the masks of all but
-- few cases are those of an earlier submission of the team.
alter table submissions add column inspected_attempt bigint;
alter table submissions add column small_change boolean not null default false;
create index submissions_to_inspect on submissions (id)
    where state = 'scored' and (inspected_attempt is null or inspected_attempt <> attempt);

-- What organisers should look at. `other_id`: the submission it is like. `cases`: how many cases, or
-- submissions, it is about.
create table flags (
    submission_id  uuid not null references submissions (id),
    position       bigint not null,
    kind           text not null,
    other_id       uuid references submissions (id),
    cases          bigint not null,
    primary key (submission_id, position)
);
