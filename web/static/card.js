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

  let leaving = false;  // what is under way is broken off by the page itself, and the form is on its way
  form.addEventListener("submit", () => (leaving = true));
  const notKept = (event) => {
    if (event.detail.elt === kept && !leaving) {
      kept.textContent = "Chưa tự lưu được. Anh/chị đừng đóng trang; kiểm tra mạng, trang sẽ thử lại khi anh/chị gõ tiếp.";
    }
  };
  document.body.addEventListener("htmx:sendError", notKept);
  document.body.addEventListener("htmx:responseError", notKept);
  document.getElementById("tom-tat")?.focus();
})();
