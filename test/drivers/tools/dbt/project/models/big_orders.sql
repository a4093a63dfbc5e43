select order_id, customer_id, amount from analytics.public.orders where amount > 5000
