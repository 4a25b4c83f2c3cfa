/**
 * Payment, statement and trading messages.
 */
@Argument(name = "message", meaning = "the whole message as text")
@Errors(invalidArgument = "the message is malformed: the error names the field and where it is, and what is accepted")
package io.nostro.functions.messages;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
