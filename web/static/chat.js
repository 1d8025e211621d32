// Keeps the newest answer in sight, and says so when the server cannot be reached. The chat works without it.
(() => {
  const log = document.getElementById("hoi-thoai");
  const notice = document.getElementById("bao-loi");
  if (!log || !notice) return;

  const showNewest = () => {
    const newest = log.querySelector(".exchange:last-of-type");
    if (newest) log.scrollTop = newest.offsetTop - 8;
  };

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === log && event.detail.xhr.status < 400) log.querySelector(".empty")?.remove();
  });
  document.body.addEventListener("htmx:afterSettle", showNewest);
  document.body.addEventListener("htmx:sendError", () => {
    document.getElementById("bao-loi").innerHTML =
      '<p class="notice bad">Chưa gửi được. Anh/chị vui lòng kiểm tra mạng rồi thử lại.</p>';
  });
  showNewest();
})();
