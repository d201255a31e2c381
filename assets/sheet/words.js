/** The sheet's words in the reader's language. The page sends them by their English ones (app/display/sheet_words.py). */

/** A word or a sentence, with values in the place of {names}; English if the page sent no other. */
function say(sheet, words, values = {}) {
  const said = sheet.table.words[words] ?? words;
  return said.replace(/{(\w+)}/g, (all, name) => values[name] ?? all);
}

/** A number with so many decimals, or as many as it has. */
function inDigits(sheet, value, decimals) {
  return (decimals === undefined ? String(value) : value.toFixed(decimals)).replace(".", sheet.table.decimal);
}
