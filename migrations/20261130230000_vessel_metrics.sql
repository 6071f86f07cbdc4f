-- The vessel metrics of a case by key; null where they were not computed.
alter table evaluation_results add column vessels jsonb;

drop view official_results;

create view official_results as
    select o.submission_id, o.phase_id, o.truth_set_id, o.scorer_version, o.result_from, o.official_until, c.position,
           r.evaluation_id, r.case_id, r.dice, r.hd95, r.warnings, r.cl_dice, r.surface_dice, r.voxel_precision,
           r.voxel_recall, r.component_difference, r.vessels
    from official_evaluations o
    join evaluation_results r on r.evaluation_id = o.id
    join cases c on c.truth_set_id = o.truth_set_id and c.case_id = r.case_id
    where o.state = 'scored';
