SELECT
    id,
    a / b AS decimals,
    a / 3 AS by_integer,
    n / 4 AS integers,
    -n / 4 AS negative_integers,
    n / b AS integer_by_decimal,
    d / 4 AS doubles,
    a * b AS product,
    a + b / 3 AS total,
    DECIMAL '1.50' * 3 AS literal,
    DECIMAL '-0.05' AS negative_literal,
    CAST('2.5' AS decimal(5, 1)) / 2 AS cast_text,
    a / 3 / 2 AS nested,
    (a / b) / (n / 2) AS of_quotients,
    avg(a / b) OVER () AS average_of_quotients,
    DATE '2025-01-31' + INTERVAL '1' MONTH AS month_later,
    DATE '2025-03-01' - INTERVAL '1' DAY - INTERVAL '1' YEAR AS earlier,
    avg(a) OVER () AS running_average,
    avg(n) OVER (PARTITION BY id % 2) AS average_of_integers
FROM bank.test.numbers
ORDER BY id
