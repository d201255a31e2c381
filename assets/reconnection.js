/** Tells the server that this page is back after its connection was lost; see app/reconnection.py. */

const STATE = "data-test-connection-state"; // of Streamlit's outermost element

/** Called at each run of the page; watches once. */
export default function ({ parentElement, setTriggerValue }) {
  const app = document.querySelector(`[${STATE}]`);
  let wasLost = false;
  parentElement.watching?.disconnect();
  parentElement.watching = new MutationObserver(() => {
    const isThere = app.getAttribute(STATE) === "CONNECTED";
    if (isThere && wasLost) setTriggerValue("back", true);
    wasLost = !isThere;
  });
  parentElement.watching.observe(app, { attributeFilter: [STATE] });
  return () => parentElement.watching.disconnect();
}
