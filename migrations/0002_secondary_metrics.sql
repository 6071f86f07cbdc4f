-- Secondary metrics of a case; null where they were not computed. The last is the number of
-- 26-connected components of the prediction minus that of the truth.

alter table case_results add column cl_dice double precision;
alter table case_results add column surface_dice double precision;
alter table case_results add column voxel_precision double precision;
alter table case_results add column voxel_recall double precision;
alter table case_results add column component_difference bigint;
