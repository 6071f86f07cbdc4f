-- The name that the pictures of an evaluation's predictions have among the stored objects; null where none were drawn.
alter table evaluations add column pictures text;

drop view official_results;
drop view official_evaluations;

create view official_evaluations as
    select e.id, e.submission_id, s.phase_id, s.team_id, e.truth_set_id, e.state, e.attempt, e.worker, e.lease_until,
           e.cases_done, e.scorer_version, e.problems, e.failure, e.created_at, e.finished_at, e.official_from,
           e.official_until, e.inspected, e.pictures,
           case when e.finished_at < e.official_from then e.official_from else e.finished_at end as result_from
    from evaluations e
    join submissions s on s.id = e.submission_id
    where e.official_from is not null;

create view official_results as
    select o.submission_id, o.phase_id, o.truth_set_id, o.scorer_version, o.result_from, o.official_until, c.position,
           r.evaluation_id, r.case_id, r.dice, r.hd95, r.warnings, r.cl_dice, r.surface_dice, r.voxel_precision,
           r.voxel_recall, r.component_difference, r.vessels
    from official_evaluations o
    join evaluation_results r on r.evaluation_id = o.id
    join cases c on c.truth_set_id = o.truth_set_id and c.case_id = r.case_id
    where o.state = 'scored';
