{{ config(materialized='table') }}
select r.title, count(*) as orders, sum(o.amount) as amount
from {{ ref('big_orders') }} o
join analytics.public.customers c on c.customer_id = o.customer_id
join {{ ref('regions') }} r on r.code = c.region
group by r.title
