# ruff: noqa: E501 (SQL and messages have lines of their own length)
"""What `functions.py` measures: rows to measure on, and every family's functions with their peers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Bar(Enum):
    """A speed that a function has to have."""

    FIVE_TIMES_REGEXP = "5 times regexp_like"
    FIVE_MILLION_ROWS = "5 M rows per CPU second"
    HALF_OF_AVG = "half of avg"
    AS_PYXIRR = "no slower than pyxirr"


@dataclass(frozen=True)
class Peer:
    """What is measured: an expression that a query aggregates, and a routine that it may need.

    A condition on the columns is counted; an aggregate stands as it is.
    """

    name: str
    expression: str
    routine: str = ""


@dataclass(frozen=True)
class Subject:
    """A function of ours with its peers."""

    name: str
    expression: str
    builtin: Peer | None = None
    regexp: Peer | None = None
    routine: Peer | None = None
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Aggregate:
    """An aggregate of ours beside avg of the same rows, in groups, and over frames."""

    name: str
    expression: str
    average: str
    running: bool
    nearest: Peer | None = None
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Family:
    """Functions that are measured on the same rows: `columns` of the numbers n from 1 up to a number of rows."""

    name: str
    columns: str
    floor: Peer
    subjects: tuple[Subject, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    # of the rows that are asked for
    share: float = 1.0


# One in twenty identifiers is wrong in its last character.
WRONG = "n % 20 = 0"
LETTERS = "'ABCDEFGHJKLMNPQRSTUVWXYZ'"
ACCOUNT = "(n * 2654435761) % 10000000000"


def digits(count: int, seed: int) -> str:
    """SQL for `count` digits that look random."""
    return f"lpad(CAST((n * {seed} + 12345) % {10**count} AS varchar), {count}, '0')"


def checked(body: str, check_digit: str) -> str:
    """SQL for an identifier's body with its check digit, or with an X in its place."""
    return f"CAST({body} || IF({WRONG}, 'X', {check_digit}({body})) AS varchar)"


IBAN_ROUTINE = """
FUNCTION iban_routine(iban varchar) RETURNS boolean
RETURN (regexp_like(iban, '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$') AND reduce(
    regexp_extract_all(substr(iban, 5) || substr(iban, 1, 4), '.'),
    BIGINT '0',
    (remainder, c) -> (remainder * IF(c <= '9', 10, 100) + from_base(c, 36)) % 97,
    remainder -> remainder = 1))
"""
ISIN_ROUTINE = """
FUNCTION isin_routine(isin varchar) RETURNS boolean
RETURN (regexp_like(isin, '^[A-Z]{2}[A-Z0-9]{9}[0-9]$') AND luhn_check(array_join(
    transform(regexp_extract_all(isin, '.'), c -> CAST(from_base(c, 36) AS varchar)), '')))
"""
ROUND_ROUTINE = """
FUNCTION round_routine(amount decimal(18, 4)) RETURNS decimal(18, 4)
RETURN CASE
    WHEN abs(amount * 100 - truncate(amount * 100)) = DECIMAL '0.5' AND truncate(amount * 100) % 2 = 0
    THEN CAST(truncate(amount, 2) AS decimal(18, 4))
    ELSE CAST(round(amount, 2) AS decimal(18, 4)) END
"""
DAY_COUNT_ROUTINE = """
FUNCTION day_count_routine(start_date date, end_date date) RETURNS double
RETURN date_diff('day', start_date, end_date) / 360e0
"""
BUSINESS_DAYS_ROUTINE = """
FUNCTION business_days_routine(start_date date, days bigint) RETURNS date
BEGIN
    DECLARE result date DEFAULT start_date;
    DECLARE days_left bigint DEFAULT days;
    WHILE days_left > 0 DO
        SET result = date_add('day', 1, result);
        IF day_of_week(result) < 6 AND NOT contains(
            ARRAY['01-01', '05-01', '12-25', '12-26'], date_format(result, '%m-%d')) THEN
            SET days_left = days_left - 1;
        END IF;
    END WHILE;
    RETURN result;
END
"""
MASK_ROUTINE = """
FUNCTION mask_routine(iban varchar) RETURNS varchar
RETURN substr(iban, 1, 4) || rpad('', length(iban) - 8, '*') || substr(iban, -4)
"""


def identifier(name: str, column: str, pattern: str, routine: Peer | None = None) -> Subject:
    """A check of an identifier, beside the check of its form by a regular expression."""
    return Subject(
        name,
        f"{name}({column})",
        Peer(f"crc32(to_utf8({column}))", f"crc32(to_utf8({column})) >= 0"),
        Peer(pattern, f"regexp_like({column}, '{pattern}')"),
        routine,
        (Bar.FIVE_TIMES_REGEXP,),
    )


# German, Dutch and French accounts, with check digits by the remainder of the number that an IBAN stands for.
ACCOUNTS = f"""
    SELECT n,
        CAST(country || lpad(CAST(98 - CAST(number AS decimal(38, 0)) % 97 + IF({WRONG}, -1, 0) AS varchar), 2, '0')
            || IF(country = 'NL', 'ABNA', '') || bban AS varchar) AS iban
    FROM (
        SELECT n, country, bban, CASE country
            WHEN 'NL' THEN '10112310' || bban || '2321'
            WHEN 'FR' THEN bban || '1527'
            ELSE bban || '1314' END || '00' AS number
        FROM (
            SELECT n, country, CASE country
                WHEN 'NL' THEN {digits(10, 2654435761)}
                WHEN 'FR' THEN {digits(10, 40503)} || {digits(13, 2654435761)}
                ELSE {digits(8, 40503)} || {digits(10, 2654435761)} END AS bban
            FROM (SELECT n, CASE n % 4 WHEN 0 THEN 'NL' WHEN 1 THEN 'FR' ELSE 'DE' END AS country FROM numbers)))"""

FIGI_BODY = "'BBG00' || " + digits(6, 7919)
LEI_BODY = "'5299' || " + digits(14, 2654435761)

NAMES = "'Deutsche Bank AG', 'ABN AMRO Bank', 'Banque de France', 'Nordea Bank Abp', 'UniCredit'"
OTHER_NAMES = "'Deutsche Bnak', 'ABN AMRO', 'Banqe de France SA', 'Nordea', 'Unicredito', 'HSBC plc'"

# Every convention for which two dates suffice, so that one query meets them all.
CONVENTIONS = (
    "Act/360",
    "Act/364",
    "Act/365F",
    "Act/365.25",
    "Act/365 Actual",
    "Act/Act ISDA",
    "Act/Act AFB",
    "1/1",
    "NL/360",
    "NL/365",
    "30/360 ISDA",
    "30/360 PSA",
    "30E/360",
    "30E+/360",
    "30U/360",
    "30U/360 EOM",
    "Bus/252 BRBD",
)

RISK_SCENARIO = "CAST((n * 7919) % 200003 - 100000 AS double) / 7"


def lines(*texts: str) -> str:
    """SQL for the lines of a message; what stands between bars is an expression."""
    parts = "\n".join(texts).split("|")
    return " || ".join(
        "'" + part.replace("\n", "' || chr(10) || '") + "'" if place % 2 == 0 else part
        for place, part in enumerate(parts)
    )


REFERENCE = "|CAST(n AS varchar)|"
CENTS = "|lpad(CAST(n % 100 AS varchar), 2, '0')|"
MT103 = lines(
    "{1:F01BANKDEFFAXXX0000000000}{2:I103BANKFRPPXXXXN}{4:",
    f":20:REF{REFERENCE}",
    ":23B:CRED",
    f":32A:250103EUR1234,{CENTS}",
    ":50K:/DE89370400440532013000",
    "ACME GMBH",
    "BERLIN",
    ":59:/FR1420041010050500013M02606",
    "DUPONT SA",
    f":70:INVOICE {REFERENCE}",
    ":71A:SHA",
    "-}",
)
MT202 = lines(
    "{1:F01BANKDEFFAXXX0000000000}{2:I202BANKFRPPXXXXN}{4:",
    f":20:REF{REFERENCE}",
    ":21:NONREF",
    f":32A:250103EUR1000000,{CENTS}",
    ":58A:BANKITMM",
    "-}",
)
MT940 = lines(
    f":20:STMT{REFERENCE}",
    ":25:DE89370400440532013000",
    ":28C:7/1",
    ":60F:C250101EUR1000,",
    f":61:2501030102DR12,{CENTS}NTRFINV-1//BANK-9",
    ":86:RENT JANUARY",
    f":61:2501030102C99,{CENTS}NTRFINV-2//BANK-10",
    ":86:SALARY",
    ":62F:C250103EUR987,5",
)
CAMT053 = lines(
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId>'
    f"</GrpHdr><Stmt><Id>S{REFERENCE}</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>"
    f'<Ntry><Amt Ccy="EUR">12.{CENTS}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>'
    "<Dt>2025-01-03</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs></TxDtls>"
    "</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
)
PAIN001 = lines(
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>M1</MsgId>'
    "</GrpHdr><PmtInf><PmtInfId>P1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2025-01-03</Dt></ReqdExctnDt>"
    "<Dbtr><Nm>ACME</Nm></Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct><CdtTrfTxInf>"
    f'<PmtId><EndToEndId>E{REFERENCE}</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">12.{CENTS}</InstdAmt></Amt>'
    "<Cdtr><Nm>Dupont</Nm></Cdtr></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>"
)
PACS008 = lines(
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId>'
    f"<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E{REFERENCE}"
    "</EndToEndId><UETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</UETR></PmtId>"
    f'<IntrBkSttlmAmt Ccy="EUR">1000.{CENTS}</IntrBkSttlmAmt><IntrBkSttlmDt>2025-01-03</IntrBkSttlmDt>'
    "<ChrgBr>SHAR</ChrgBr><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt></CdtTrfTxInf>"
    "</FIToFICstmrCdtTrf></Document>"
)
BAI2 = lines(
    "01,122099999,123456789,250103,0200,1,80,,2/",
    "02,031001234,122099999,1,250102,2359,USD,2/",
    "03,5765432,,,,,/",
    f"16,475,1250,0,BANK-{REFERENCE},CHECK-7,PAID CHECK",
    "49,1250,3/",
    "98,1250,1,5/",
    "99,1250,1,7/",
)
FIX = "'8=FIX.4.2|9=12|35=0|112=T' || CAST(n AS varchar) || '|55=ACME|54=1|38=100|44=10.5|10=038|'"

FAMILIES = (
    Family(
        "accounts",
        ACCOUNTS,
        Peer("length(iban)", "length(iban) > 0"),
        (
            identifier(
                "iban_is_valid",
                "iban",
                "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
                Peer("form by regexp_like, MOD 97 by reduce", "iban_routine(iban)", IBAN_ROUTINE),
            ),
            identifier("iban_check_national", "iban", "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
            Subject(
                "iban_format",
                "length(iban_format(IF(iban_is_valid(iban), iban))) > 8",
                Peer("regexp_replace('.{4}', '$0 ')", "length(regexp_replace(iban, '(.{4})', '$1 ')) > 8"),
            ),
            Subject(
                "iban_country",
                "length(TRY(iban_country(IF(iban_is_valid(iban), iban)))) = 2",
                Peer("substr(iban, 1, 2)", "length(substr(iban, 1, 2)) = 2"),
            ),
            Subject(
                "mask_iban",
                "length(mask_iban(iban)) > 8",
                Peer(
                    "substr || rpad || substr",
                    "length(substr(iban, 1, 4) || rpad('', length(iban) - 8, '*') || substr(iban, -4)) > 8",
                ),
                Peer(
                    "regexp_replace of all but 4 and 4",
                    "length(regexp_replace(iban, '(?<=.{4}).(?=.{4})', '*')) > 8",
                ),
                Peer("substr || rpad || substr", "length(mask_routine(iban)) > 8", MASK_ROUTINE),
            ),
            Subject(
                "mask_inner",
                "length(mask_inner(iban, 4, 4)) > 8",
                Peer(
                    "substr || rpad || substr",
                    "length(substr(iban, 1, 4) || rpad('', length(iban) - 8, '*') || substr(iban, -4)) > 8",
                ),
            ),
            Subject(
                "vault.privacy.tokenize",
                "length(vault.privacy.tokenize(iban, 'customers')) = 64",
                Peer(
                    "to_hex(hmac_sha256(to_utf8(iban), key))",
                    "length(to_hex(hmac_sha256(to_utf8(iban), X'000102030405060708090A0B0C0D0E0F'))) = 64",
                ),
            ),
            Subject(
                "vault.privacy.fpe_encrypt",
                "length(vault.privacy.fpe_encrypt(iban, 'accounts', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', '')) > 8",
                Peer(
                    "to_hex(hmac_sha256(to_utf8(iban), key))",
                    "length(to_hex(hmac_sha256(to_utf8(iban), X'000102030405060708090A0B0C0D0E0F'))) = 64",
                ),
            ),
        ),
        share=0.5,
    ),
    Family(
        "securities",
        f"""
    SELECT n,
        {checked("'US' || " + digits(9, 2654435761), "isin_check_digit")} AS isin,
        {checked(f"{digits(5, 7919)} || substr({LETTERS}, 1 + CAST(n % 24 AS integer), 1) || '10'", "cusip_check_digit")} AS cusip,
        {checked(f"'B' || {digits(5, 7919)}", "sedol_check_digit")} AS sedol,
        {checked(FIGI_BODY, "figi_check_digit")} AS figi,
        {checked(LEI_BODY, "lei_check_digits")} AS lei,
        CAST(lpad(CAST({ACCOUNT} AS varchar), 12, '0') AS varchar) AS digits
    FROM numbers""",
        Peer("length(isin)", "length(isin) > 0"),
        (
            identifier(
                "isin_is_valid",
                "isin",
                "^[A-Z]{2}[A-Z0-9]{9}[0-9]$",
                Peer("form by regexp_like, luhn_check of digits", "isin_routine(isin)", ISIN_ROUTINE),
            ),
            identifier("cusip_is_valid", "cusip", "^[A-Z0-9*@#]{8}[0-9]$"),
            identifier("sedol_is_valid", "sedol", "^[0-9B-DF-HJ-NP-TV-Z]{6}[0-9]$"),
            identifier("figi_is_valid", "figi", "^[B-DF-HJ-NP-TV-Z]{2}G[0-9B-DF-HJ-NP-TV-Z]{8}[0-9]$"),
            identifier("lei_is_valid", "lei", "^[A-Z0-9]{18}[0-9]{2}$"),
            Subject(
                "luhn_is_valid",
                "luhn_is_valid(digits)",
                Peer("luhn_check", "luhn_check(digits)"),
                Peer("^[0-9]{2,}$", "regexp_like(digits, '^[0-9]{2,}$')"),
                bars=(Bar.FIVE_TIMES_REGEXP,),
            ),
        ),
        share=0.5,
    ),
    Family(
        "payments",
        f"""
    SELECT n,
        {checked("'411111' || " + digits(9, 2654435761), "luhn_check_digit")} AS pan,
        CAST(IF({WRONG}, 'RF00', '') || rf_reference_create({digits(15, 2654435761)}) AS varchar) AS creditor_reference,
        CAST('97ed4827-7b6f-4491-a06f-' || {digits(12, 2654435761)} || IF({WRONG}, 'x', '') AS varchar) AS uetr,
        CAST(element_at(ARRAY['021000021', '011401533', '091000019', '026009593', '021000022'],
            CAST(n % 5 AS integer) + 1) AS varchar) AS aba,
        CAST(element_at(ARRAY['DEUTDEFF', 'DEUTDEFF500', 'BNPAFRPPXXX', 'CHASUS33', 'DEUTZZFF'],
            CAST(n % 5 AS integer) + 1) AS varchar) AS bic,
        CAST(element_at(ARRAY['601613', '60-16-13', '20 00 00', '60-1613'],
            CAST(n % 4 AS integer) + 1) AS varchar) AS sort_code,
        CAST(element_at(ARRAY['EUR', 'USD', 'JPY', 'XXY'], CAST(n % 4 AS integer) + 1) AS varchar) AS currency,
        CAST(element_at(ARRAY['DE', 'US', 'JP', 'ZZ'], CAST(n % 4 AS integer) + 1) AS varchar) AS country
    FROM numbers""",
        Peer("length(pan)", "length(pan) > 0"),
        (
            identifier("card_is_valid", "pan", "^[0-9]{12,19}$"),
            Subject(
                "card_scheme",
                "length(card_scheme(IF(card_is_valid(pan), pan))) > 0",
                Peer(
                    "luhn_check and CASE of LIKE",
                    "luhn_check(IF(regexp_like(pan, '^[0-9]+$'), pan)) AND CASE WHEN pan LIKE '4%' THEN true WHEN pan LIKE '5%' THEN false END",
                ),
            ),
            identifier("rf_reference_is_valid", "creditor_reference", "^RF[0-9]{2}[A-Z0-9]{1,21}$"),
            identifier(
                "uetr_is_valid",
                "uetr",
                "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
            ),
            identifier("aba_is_valid", "aba", "^[0-9]{9}$"),
            identifier("bic_is_valid", "bic", "^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"),
            identifier("sort_code_is_valid", "sort_code", "^[0-9]{6}$|^[0-9]{2}([- ])[0-9]{2}\\1[0-9]{2}$"),
            identifier("currency_is_valid", "currency", "^[A-Z]{3}$"),
            identifier("country_is_valid", "country", "^[A-Z]{2}$"),
            Subject(
                "mask_pan",
                "length(mask_pan(pan)) > 8",
                Peer(
                    "substr || rpad || substr",
                    "length(substr(pan, 1, 6) || rpad('', length(pan) - 10, '*') || substr(pan, -4)) > 8",
                ),
            ),
        ),
        share=0.5,
    ),
    Family(
        "money",
        f"""
    SELECT n,
        CAST(CAST({ACCOUNT} AS decimal(18, 4)) / 8 AS decimal(18, 4)) AS amount,
        CAST(1.05 + (n % 1000) / DECIMAL '10000' AS decimal(10, 5)) AS rate,
        CAST('EUR ' || format('%,.2f', CAST({ACCOUNT} AS double) / 100) AS varchar) AS written
    FROM numbers""",
        Peer("amount > 0", "amount > 0"),
        (
            Subject(
                "round_money",
                "round_money(amount, 'EUR') <> amount",
                Peer("round(amount, 2), half up", "round(amount, 2) <> amount"),
                routine=Peer(
                    "half to even by truncate and round", "round_routine(amount) <> amount", ROUND_ROUTINE
                ),
            ),
            Subject(
                "round_half_even",
                "round_half_even(amount, 2) <> amount",
                Peer("round(amount, 2), half up", "round(amount, 2) <> amount"),
            ),
            Subject(
                "fx_convert",
                "fx_convert(amount, rate, 'USD') > 0",
                Peer("round(amount * rate, 2)", "round(amount * rate, 2) > 0"),
            ),
            Subject(
                "to_basis_points",
                "to_basis_points(rate) > 0",
                Peer("rate * 10000", "rate * 10000 > 0"),
            ),
            Subject(
                "allocate",
                "cardinality(allocate(amount, ARRAY[1, 1, 1])) = 3",
                Peer(
                    "transform(weights, w -> round(amount * w / 3, 2))",
                    "cardinality(transform(ARRAY[1, 1, 1], w -> round(amount * w / 3, 2))) = 3",
                ),
            ),
            Subject(
                "money_format",
                "length(money_format(amount, 'EUR', 'de')) > 0",
                Peer("format('%,.2f', amount)", "length(format('%,.2f', amount)) > 0"),
            ),
            Subject(
                "money_parse",
                "money_parse(written, 'en', 'EUR') > 0",
                Peer(
                    "CAST(replace(…) AS decimal)",
                    "CAST(replace(replace(written, 'EUR ', ''), ',', '') AS decimal(38, 10)) > 0",
                ),
            ),
        ),
        share=0.5,
    ),
    Family(
        "dates",
        f"""
    SELECT n,
        date_add('day', n % 3000, DATE '2015-01-01') AS trade_date,
        date_add('day', n % 3000 + n % 7000, DATE '2015-01-01') AS maturity,
        CAST(element_at(ARRAY[{", ".join(f"'{name}'" for name in CONVENTIONS)}],
            CAST(n % {len(CONVENTIONS)} AS integer) + 1) AS varchar) AS convention
    FROM numbers""",
        Peer("trade_date <= maturity", "trade_date <= maturity"),
        (
            Subject(
                "day_count_fraction, Act/360",
                "day_count_fraction(trade_date, maturity, 'Act/360') > 1",
                Peer("date_diff('day') / 360e0", "date_diff('day', trade_date, maturity) / 360e0 > 1"),
                routine=Peer(
                    "date_diff('day') / 360e0",
                    "day_count_routine(trade_date, maturity) > 1",
                    DAY_COUNT_ROUTINE,
                ),
                bars=(Bar.FIVE_MILLION_ROWS,),
            ),
            Subject(
                f"day_count_fraction, {len(CONVENTIONS)} conventions",
                "day_count_fraction(trade_date, maturity, convention) > 1",
                Peer("date_diff('day') / 360e0", "date_diff('day', trade_date, maturity) / 360e0 > 1"),
                bars=(Bar.FIVE_MILLION_ROWS,),
            ),
            *(
                Subject(
                    f"day_count_fraction, {convention}",
                    f"day_count_fraction(trade_date, maturity, '{convention}') > 1",
                    Peer("date_diff('day') / 360e0", "date_diff('day', trade_date, maturity) / 360e0 > 1"),
                    bars=(Bar.FIVE_MILLION_ROWS,),
                )
                for convention in (
                    "Act/Act ISDA",
                    "Act/Act AFB",
                    "Act/365 Actual",
                    "NL/365",
                    "30U/360",
                    "30E/360",
                    "Bus/252 BRBD",
                )
            ),
            Subject(
                "is_business_day",
                "is_business_day(trade_date, 'EUTA')",
                Peer("day_of_week(trade_date) < 6", "day_of_week(trade_date) < 6"),
            ),
            Subject(
                "add_business_days",
                "add_business_days(trade_date, 2, 'EUTA') > trade_date",
                Peer("date_add('day', 2)", "date_add('day', 2, trade_date) > trade_date"),
                routine=Peer(
                    "a loop over days, fixed holidays",
                    "business_days_routine(trade_date, 2) > trade_date",
                    BUSINESS_DAYS_ROUTINE,
                ),
            ),
            Subject(
                "business_days_between",
                "business_days_between(trade_date, maturity, 'EUTA+USNY') > 5",
                Peer("date_diff('day')", "date_diff('day', trade_date, maturity) > 5"),
            ),
            Subject(
                "next_imm_date",
                "next_imm_date(trade_date) > trade_date",
                Peer("date_trunc('quarter')", "date_trunc('quarter', trade_date) <= trade_date"),
            ),
        ),
    ),
    Family(
        "rates",
        """
    SELECT n,
        CAST(1 + n % 360 AS bigint) AS periods,
        0.001 + CAST(n % 500 AS double) / 10000 AS rate,
        CAST(1000 + n % 90000 AS double) AS principal,
        CAST(1000 + n % 90000 AS decimal(18, 2)) AS loan
    FROM numbers""",
        Peer("principal > 0", "principal > 0"),
        (
            Subject(
                "pmt",
                "pmt(rate, periods, principal) < 0",
                Peer("by power", "-principal * rate / (1 - power(1 + rate, -periods)) < 0"),
            ),
            Subject(
                "rate",
                "TRY(rate(periods, -principal / 50, principal)) > 0",
                Peer("pmt by power, once", "-principal * rate / (1 - power(1 + rate, -periods)) < 0"),
            ),
            Subject(
                "discount_factor",
                "discount_factor(rate, periods) < 1",
                Peer("power(1 + rate, -periods)", "power(1 + rate, -periods) < 1"),
            ),
            Subject(
                "effective_rate",
                "effective_rate(rate, 12) > rate",
                Peer("power(1 + rate / 12, 12) - 1", "power(1 + rate / 12, 12) - 1 > rate"),
            ),
            Subject(
                "accrued_interest",
                "accrued_interest(loan, rate, DATE '2025-01-15', DATE '2025-04-15', 'Act/360') > 0",
                Peer(
                    "CAST(loan * rate AS decimal)",
                    "CAST(CAST(loan AS double) * rate * 90 / 360 AS decimal(18, 2)) > 0",
                ),
            ),
            Subject(
                "amortization_schedule, 12 rows",
                "cardinality(amortization_schedule(loan, rate, 12, 12, 'annuity')) = 12",
                Peer(
                    "transform(sequence(1, 12), …power…)",
                    "cardinality(transform(sequence(1, 12), i -> principal * power(1 + rate, i))) = 12",
                ),
            ),
            Subject(
                "array_irr",
                "array_irr(ARRAY[-principal, principal / 3, principal / 3, principal / 2]) > 0",
                Peer(
                    "reduce of one worth",
                    "reduce(ARRAY[-principal, principal / 3, principal / 3, principal / 2], 0e0, (s, a) -> s / 1.1 + a, s -> s) < 0",
                ),
            ),
        ),
        share=0.1,
    ),
    Family(
        "bonds",
        """
    SELECT n,
        date_add('day', n % 300, DATE '2025-01-02') AS settlement,
        date_add('day', n % 7000, DATE '2026-06-15') AS maturity,
        0.01 + CAST(n % 600 AS double) / 10000 AS yield
    FROM numbers""",
        Peer("settlement < maturity", "settlement < maturity"),
        (
            *(
                Subject(
                    name,
                    f"{name}(settlement, maturity, 0.04, yield, 2, 'Act/Act ICMA', 'street') > 0",
                    Peer(
                        "closed form by power, no calendar",
                        "0.04 / yield * (1 - power(1 + yield / 2, -date_diff('month', settlement, maturity) / 6e0))"
                        " + power(1 + yield / 2, -date_diff('month', settlement, maturity) / 6e0) > 0",
                    ),
                )
                for name in ("bond_price", "bond_duration", "bond_convexity")
            ),
            Subject(
                "bond_yield",
                "bond_yield(settlement, maturity, 0.04, 90 + yield * 100, 2, 'Act/Act ICMA', 'street') > 0",
            ),
            Subject("bond_accrued", "bond_accrued(settlement, maturity, 0.04, 2, '30/360 ISDA') >= 0"),
            Subject("tbill_price", "tbill_price(settlement, date_add('day', 90, settlement), yield) > 0"),
        ),
        share=0.1,
    ),
    Family(
        "options",
        """
    SELECT n,
        80 + CAST(n % 4000 AS double) / 100 AS spot,
        0.1 + CAST(n % 700 AS double) / 350 AS years,
        0.1 + CAST(n % 300 AS double) / 1000 AS volatility,
        CAST(1000 + n % 90000 AS decimal(18, 2)) AS exposure
    FROM numbers""",
        Peer("spot > 0", "spot > 0"),
        (
            *(
                Subject(
                    name,
                    f"{name}('call', spot, 100, years, 0.03, 0.01, volatility) > -1e9",
                    Peer(
                        "two of normal_cdf",
                        "spot * normal_cdf(0, 1, (ln(spot / 100) + years * 0.03) / (volatility * sqrt(years)))"
                        " - 100 * exp(-0.03 * years) * normal_cdf(0, 1, (ln(spot / 100) - years * 0.03) / (volatility * sqrt(years))) > -1e9",
                    ),
                )
                for name in ("black_scholes_price", "black_scholes_delta", "black_scholes_vega")
            ),
            Subject("black76_price", "black76_price('put', spot, 100, years, 0.03, volatility) >= 0"),
            Subject(
                "bachelier_price", "bachelier_price('put', spot, 100, years, 0.03, volatility * 100) >= 0"
            ),
            Subject(
                "implied_volatility",
                "implied_volatility(black_scholes_price('call', spot, 100, years, 0.03, 0.01, volatility), 'call', spot, 100, years, 0.03, 0.01) > 0",
            ),
            Subject(
                "expected_credit_loss",
                "expected_credit_loss(exposure, 0.02, 0.45) > 0",
                Peer("exposure * pd * lgd", "exposure * DECIMAL '0.02' * DECIMAL '0.45' > 0"),
            ),
            Subject(
                "irb_capital",
                "irb_capital(exposure, 0.01, 0.45, 2.5) > 0",
                Peer("two of normal_cdf", "normal_cdf(0, 1, spot / 100) + normal_cdf(0, 1, years) > 0"),
            ),
            Subject(
                "margin_requirement",
                "margin_requirement(DECIMAL '100', exposure, 0.25, 0.3, DECIMAL '5.00', DECIMAL '5.00', 1, DECIMAL '2.50') > 0",
                Peer("100 * exposure * 0.25", "100 * exposure * DECIMAL '0.25' > 0"),
            ),
        ),
        share=0.1,
    ),
    Family(
        "names",
        f"""
    SELECT n,
        CAST(element_at(ARRAY[{NAMES}], CAST(n % 5 AS integer) + 1) || ' ' || CAST(n % 1000 AS varchar) AS varchar) AS name,
        CAST(element_at(ARRAY[{OTHER_NAMES}], CAST(n % 6 AS integer) + 1) AS varchar) AS other_name
    FROM numbers""",
        Peer("length(name) + length(other_name)", "length(name) + length(other_name) > 0"),
        (
            Subject(
                "jaro_winkler",
                "jaro_winkler(name, other_name) > 0.9",
                Peer("levenshtein_distance", "levenshtein_distance(name, other_name) < 3"),
            ),
            Subject(
                "name_similarity",
                "name_similarity(name, other_name) > 0.9",
                Peer("levenshtein_distance", "levenshtein_distance(name, other_name) < 3"),
            ),
            Subject(
                "double_metaphone",
                "length(double_metaphone(name).primary) > 0",
                Peer("soundex", "length(soundex(other_name)) > 0"),
            ),
            Subject(
                "transliterate",
                "length(transliterate(name || 'é')) > 0",
                Peer("normalize(name, NFD)", "length(normalize(name || 'é', NFD)) > 0"),
            ),
            Subject(
                "screen_name, 5 names",
                f"screen_name(other_name, ARRAY[{NAMES}]).score > 0.9",
                Peer(
                    "five of levenshtein_distance",
                    f"any_match(ARRAY[{NAMES}], listed -> levenshtein_distance(other_name, listed) < 3)",
                ),
            ),
        ),
        share=0.25,
    ),
    Family(
        "messages",
        f"""
    SELECT n, {MT103} AS mt103, {MT202} AS mt202, {MT940} AS mt940, {CAMT053} AS camt053, {PAIN001} AS pain001,
        {PACS008} AS pacs008, {BAI2} AS bai2, {FIX} AS fix
    FROM numbers""",
        Peer("length(mt103)", "length(mt103) > 0"),
        (
            Subject(
                "mt_fields",
                "cardinality(mt_fields(mt103)) > 5",
                Peer("split(mt103, chr(10))", "cardinality(split(mt103, chr(10))) > 5"),
                Peer(
                    "regexp_extract_all(':(\\d\\d[A-Z]?):([^:]*)')",
                    "cardinality(regexp_extract_all(mt103, ':(\\d\\d[A-Z]?):([^:]*)')) > 5",
                ),
            ),
            Subject(
                "mt103_payment",
                "mt103_payment(mt103).interbank_settled_amount > 0",
                Peer("split(mt103, chr(10))", "cardinality(split(mt103, chr(10))) > 5"),
                Peer(
                    "regexp_extract(':32A:…')",
                    "length(regexp_extract(mt103, ':32A:\\d{6}([A-Z]{3})([0-9,]+)', 2)) > 0",
                ),
            ),
            Subject(
                "mt202_payment",
                "mt202_payment(mt202).beneficiary_institution IS NOT NULL",
                Peer("split(mt202, chr(10))", "cardinality(split(mt202, chr(10))) > 3"),
            ),
            Subject(
                "mt940_transactions",
                "cardinality(mt940_transactions(mt940)) = 2",
                Peer("split(mt940, chr(10))", "cardinality(split(mt940, chr(10))) > 3"),
            ),
            *(
                Subject(
                    f"{function}",
                    f"cardinality({function}({column})) = 1",
                    Peer(f"split({column}, '<')", f"cardinality(split({column}, '<')) > 5"),
                    Peer(
                        "regexp_extract(' Ccy=\"…\">…<')",
                        f"length(regexp_extract({column}, ' Ccy=\"([A-Z]+)\">([0-9.]+)<', 2)) > 0",
                    ),
                )
                for function, column in (
                    ("camt053_entries", "camt053"),
                    ("pain001_payments", "pain001"),
                    ("pacs008_payments", "pacs008"),
                )
            ),
            Subject(
                "bai2_transactions",
                "cardinality(bai2_transactions(bai2)) = 1",
                Peer("split(bai2, ',')", "cardinality(split(bai2, ',')) > 5"),
            ),
            Subject(
                "fix_fields",
                "cardinality(fix_fields(fix)) = 9",
                Peer(
                    "split_to_map(fix, '|', '=')", "cardinality(split_to_map(rtrim(fix, '|'), '|', '=')) = 9"
                ),
            ),
        ),
        share=0.025,
    ),
    Family(
        "positions and flows",
        f"""
    SELECT n, n AS sequence,
        CAST(100 + (n * 7919) % 1000 / DECIMAL '100' AS decimal(18, 2)) AS price,
        CAST(IF(n % 3 = 0, -2, 1) * (1 + n % 100) AS decimal(18, 2)) AS quantity,
        CAST(1 + n % 100 AS decimal(18, 2)) AS volume,
        CAST(100 + (n * 7919) % 1000 AS double) AS value,
        CAST((n * 7919) % 200 - 100 AS double) / 1000 AS daily_return,
        {RISK_SCENARIO} AS pnl,
        n / 1000 AS period,
        date_add('second', n, TIMESTAMP '2025-01-02 09:00:00') AS traded_at,
        date_add('day', n / 1000, DATE '2025-01-02') AS paid_on
    FROM numbers""",
        Peer("max(n)", "max(n)"),
        aggregates=(
            Aggregate(
                "vwap",
                "vwap(price, volume)",
                "avg(price)",
                True,
                Peer("sum(price * volume) / sum(volume)", "sum(price * volume) / sum(volume)"),
                bars=(Bar.HALF_OF_AVG,),
            ),
            Aggregate(
                "net_exposure",
                "net_exposure(price, quantity)",
                "avg(price)",
                True,
                Peer("sum(price * quantity)", "sum(price * quantity)"),
                bars=(Bar.HALF_OF_AVG,),
            ),
            Aggregate(
                "npv",
                "npv(0.0001, value, period)",
                "avg(value)",
                True,
                Peer("sum(value * power(1.0001, -period))", "sum(value * power(1.0001, -period))"),
                bars=(Bar.HALF_OF_AVG,),
            ),
            Aggregate(
                "xnpv",
                "xnpv(0.05, value, paid_on)",
                "avg(value)",
                True,
                Peer(
                    "sum(value * power(1.05, -days / 365))",
                    "sum(value * power(1.05, -date_diff('day', DATE '2025-01-02', paid_on) / 365e0))",
                ),
                bars=(Bar.HALF_OF_AVG,),
            ),
            Aggregate(
                "mirr",
                "mirr(value, period, 0.001, 0.001)",
                "avg(value)",
                True,
                Peer("sum(value * power(1.001, period))", "sum(value * power(1.001, period))"),
                bars=(Bar.HALF_OF_AVG,),
            ),
            Aggregate(
                "value_at_risk",
                "value_at_risk(pnl, 0.99)",
                "avg(pnl)",
                False,
                Peer("approx_percentile(pnl, 0.01)", "approx_percentile(pnl, 0.01)"),
            ),
            Aggregate(
                "expected_shortfall",
                "expected_shortfall(pnl, 0.99)",
                "avg(pnl)",
                False,
                Peer("approx_percentile(pnl, 0.01)", "approx_percentile(pnl, 0.01)"),
            ),
            Aggregate(
                "max_drawdown",
                "max_drawdown(value, traded_at)",
                "avg(value)",
                False,
                Peer("array_agg(value ORDER BY traded_at)", "array_agg(value ORDER BY traded_at)"),
            ),
            Aggregate(
                "ewma_volatility",
                "ewma_volatility(daily_return, 0.94, traded_at)",
                "avg(daily_return)",
                False,
                Peer(
                    "array_agg(daily_return ORDER BY traded_at)", "array_agg(daily_return ORDER BY traded_at)"
                ),
            ),
            Aggregate(
                "twap",
                "twap(price, traded_at)",
                "avg(price)",
                False,
                Peer("array_agg(price ORDER BY traded_at)", "array_agg(price ORDER BY traded_at)"),
            ),
            Aggregate(
                "fifo_pnl",
                "fifo_pnl(price, quantity, traded_at)",
                "avg(price)",
                False,
                Peer("array_agg(price ORDER BY traded_at)", "array_agg(price ORDER BY traded_at)"),
            ),
            Aggregate(
                "lifo_pnl",
                "lifo_pnl(price, quantity, traded_at)",
                "avg(price)",
                False,
                Peer("array_agg(price ORDER BY traded_at)", "array_agg(price ORDER BY traded_at)"),
            ),
            Aggregate(
                "average_cost_pnl",
                "average_cost_pnl(price, quantity, traded_at)",
                "avg(price)",
                False,
                Peer("array_agg(price ORDER BY traded_at)", "array_agg(price ORDER BY traded_at)"),
            ),
            Aggregate(
                "irr",
                "irr(IF(period = 0, -value * 1000, value), period)",
                "avg(value)",
                False,
                Peer("array_agg(value ORDER BY period)", "array_agg(value ORDER BY period)"),
            ),
        ),
        share=0.5,
    ),
)

# What is measured over windows of one partition.
WINDOW_ROWS = 100_000
FRAMES = {
    "running": "ORDER BY n",
    "sliding, 101 rows": "ORDER BY n ROWS BETWEEN 100 PRECEDING AND CURRENT ROW",
}

# Twenty flows a group, for the rate of return beside pyxirr.
FLOWS_OF_GROUP = 20
FLOWS = f"""
    SELECT n, n / {FLOWS_OF_GROUP} AS deal,
        IF(n % {FLOWS_OF_GROUP} = 0, -1, 1) * IF(n % {FLOWS_OF_GROUP} = 0, 10000 + n % 977, 520 + n % 613) * 1e0 AS amount,
        date_add('day', (n % {FLOWS_OF_GROUP}) * 91 + n % 13, DATE '2015-01-01') AS paid_on
    FROM numbers"""
