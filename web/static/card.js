// Counts characters while somebody types, and says so when what is typed could not be kept. The card works without it.
(() => {
  const form = document.getElementById("the");
  const kept = document.getElementById("tu-luu");
  if (!form || !kept) return;

  // A text with [[milestone: before | after]] reads in one of two ways; each is held to the limit.
  const dated = /\[\[[a-z0-9-]+:((?:(?!\[\[|\]\])[^|])*)(?:\|((?:(?!\[\[|\]\])[^])*))?\]\]/g;
  const reading = (text, part) => [...text.replace(dated, (_, ...parts) => (parts[part] || "").trim()).trim()].length;
  const used = (text) => Math.max(reading(text, 0), reading(text, 1));

  for (const shown of form.querySelectorAll("[data-count]")) {
    const field = document.getElementById(shown.dataset.count);
    const most = Number(shown.dataset.most);
    field?.addEventListener("input", () => {
      const lines = shown.dataset.lines ? field.value.split("\n") : [field.value];
      const longest = Math.max(...lines.map(used));
      shown.textContent = `${longest}/${most}`;
      shown.parentElement.classList.toggle("over", longest > most);
    });
  }

  // What was wrong when the form was sent need not be any more once its field is typed into: saving looks again.
  form.addEventListener("input", (event) => {
    const box = event.target.closest(".box");
    const told = box?.querySelector(".wrong");
    if (!told) return;
    const summary = document.getElementById("tom-tat");
    const name = told.id.replace("loi-", "");
    told.remove();
    for (const field of box.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const link of summary?.querySelectorAll("li > a") ?? []) {
      if (link.hash === `#o-${name}`) link.parentElement.remove();
    }
    if (!summary?.querySelector("h2")) return;
    const left = summary.querySelectorAll("li").length;
    summary.querySelector("h2").textContent = left ? `Còn ${left} chỗ phải sửa` : "Đã sửa các chỗ được nêu; bấm «Lưu bản nháp» để soát lại";
  });

  let leaving = false;  // what is under way is broken off by the page itself, and the form is on its way
  form.addEventListener("submit", (event) => {
    if (leaving) event.preventDefault();  // pressed twice
    leaving = true;
  });
  window.addEventListener("pageshow", () => (leaving = false));
  const notKept = (event) => {
    if (event.detail.elt === kept && !leaving) {
      kept.textContent = "Chưa tự lưu được. Anh/chị đừng đóng trang; kiểm tra mạng, trang sẽ thử lại khi anh/chị gõ tiếp.";
    }
  };
  document.body.addEventListener("htmx:sendError", notKept);
  document.body.addEventListener("htmx:responseError", notKept);

  // The session may end while somebody types: the page stays, and takes the new session's token once they are back in.
  let ended = false;
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    if (ended) return;
    ended = true;
    kept.textContent = "Phiên làm việc đã hết. Anh/chị đừng đóng trang này: đăng nhập lại ở ";
    const link = Object.assign(document.createElement("a"), { href: "/dang-nhap", target: "_blank", textContent: "thẻ khác" });
    kept.append(link, " rồi quay lại đây để lưu.");
  });
  window.addEventListener("focus", async () => {
    if (!ended) return;
    const page = await fetch(location.pathname, { credentials: "same-origin" });
    const found = page.redirected ? null : (await page.text()).match(/name="csrf" value="([0-9a-f]{64})"/);
    if (!found) return;
    ended = false;
    for (const field of document.querySelectorAll('input[name="csrf"]')) field.value = found[1];
    kept.textContent = "Anh/chị đã vào lại; bấm «Lưu bản nháp» được rồi.";
  });
  document.getElementById("tom-tat")?.focus();
})();
