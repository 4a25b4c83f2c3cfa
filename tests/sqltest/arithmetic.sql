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
    avg(a) OVER () AS running_average,
    avg(n) OVER (PARTITION BY id % 2) AS average_of_integers
FROM bank.test.numbers
ORDER BY id
