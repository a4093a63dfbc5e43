{{ config(materialized='table', tags=['protected']) }}
select id, ssn from health.phi.patients
