// Says that something is under way where a page takes some seconds to answer. Pages work without it.
(() => {
  const QUIET_AFTER = 15000;  // milliseconds; nothing tells when a download has begun
  const tell = (one) => {
    const shown = document.getElementById(one.dataset.busy);
    if (!shown) return;
    shown.textContent = shown.dataset.told;
    setTimeout(() => (shown.textContent = ""), QUIET_AFTER);
  };
  for (const one of document.querySelectorAll("[data-busy]")) {
    one.addEventListener(one.tagName === "FORM" ? "submit" : "click", () => tell(one));
  }
})();
