-- What annotators' masks score against the truth that was made of them.
--
-- `annotators`: names, and Dice and HD95 (mm) of every case in the set's order; for organisers.
-- `summary`: means and standard deviations by group; for everybody.
create table observers (
    truth_set_id  uuid primary key references truth_sets (id),
    at            timestamptz not null,
    created_by    uuid references users (id),
    annotators    jsonb not null,
    summary       jsonb not null
);
