// Links of tables: a plain click changes the address as Back does, so that Streamlit draws the page
// without loading itself anew. A click on a row is one on its link. Everything else (another tab,
// no script) is an ordinary link.
document.addEventListener("click", (event) => {
  const row = event.target.closest(".dwell-table tbody tr");
  const inMore = event.target.closest(".dwell-more");
  const link = event.target.closest("a.dwell-link") || (!inMore && row?.querySelector("a.dwell-row"));
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  // Who marked text in a row wants to copy it.
  if (!link || elsewhere || !getSelection().isCollapsed) return;
  event.preventDefault();
  history.pushState({}, "", link.href.replace(/\?$/, ""));
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
});
