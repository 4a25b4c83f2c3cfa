"""The interactive prompt of `nostro sql`."""

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import Completer, ThreadedCompleter, WordCompleter
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer

from nostro.cli import errors
from nostro.cli.sql_runner import SqlRunner
from nostro.stack import NostroHome
from nostro.stack.query import QueryError, TrinoSession
from nostro.stack.statements import split_statements

_KEYWORDS = """
ALTER ANALYZE AND ARRAY AS ASC BETWEEN BY CASE CAST CATALOGS COLUMNS CREATE CROSS CURRENT_DATE
CURRENT_TIMESTAMP DELETE DESC DESCRIBE DISTINCT DROP ELSE END EXCEPT EXISTS EXPLAIN FALSE FETCH FILTER
FIRST FROM FULL FUNCTIONS GROUP HAVING IF IN INNER INSERT INTERSECT INTERVAL INTO IS JOIN LAST LATERAL
LEFT LIKE LIMIT MERGE NOT NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION REPLACE RIGHT ROLLUP ROW
ROWS SCHEMA SCHEMAS SELECT SESSION SET SHOW TABLE TABLES THEN TRUE TRY UNION UNNEST UPDATE USE USING
VALUES VIEW WHEN WHERE WINDOW WITH
"""
_LEAVE = frozenset({"exit", "quit", "\\q"})


def prompt(home: NostroHome, runner: SqlRunner, session: TrinoSession) -> None:
    """Read statements until the end of input (Ctrl-D); Ctrl-C cancels the running one or clears the line.

    A statement ends with a semicolon; Enter before it goes on in a new line. The history is kept in the home.
    """
    reader: PromptSession[str] = PromptSession(
        history=FileHistory(str(home.root / "sql-history")),
        auto_suggest=AutoSuggestFromHistory(),
        completer=_completer(session),
        complete_while_typing=False,
        lexer=PygmentsLexer.from_filename("statement.sql"),
        multiline=True,
        key_bindings=_key_bindings(),
        prompt_continuation="     > ",
    )
    while True:
        try:
            text = reader.prompt("nostro> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip().rstrip(";").lower() in _LEAVE:
            return
        for statement in split_statements(text).complete:
            try:
                runner.run(statement)
            except QueryError as error:
                errors.tell(str(error))
                break
            except KeyboardInterrupt:
                errors.tell("cancelled")
                break


def _key_bindings() -> KeyBindings:
    bindings = KeyBindings()

    def ends_statement(text: str) -> bool:
        return not split_statements(text).rest or text.strip().lower() in _LEAVE

    @bindings.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if ends_statement(buffer.text) and buffer.text.strip():
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return bindings


def _completer(session: TrinoSession) -> Completer:
    words = _KEYWORDS.split()
    try:
        with session.execute("SHOW FUNCTIONS") as result:
            words += sorted({str(row[0]) for row in result})
        with session.execute("SHOW CATALOGS") as result:
            words += [str(row[0]) for row in result]
    except QueryError as error:
        errors.tell(f"completion knows no functions: {error}")
    return ThreadedCompleter(WordCompleter(words, ignore_case=True))
