// Keys 1 to 4 press the buttons of the page; without this file they are pressed by hand.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement && event.target.type !== "hidden";
  if (typing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (button && !button.disabled) {
    event.preventDefault();
    button.click();
  }
});

document.querySelector(".verdicts")?.addEventListener("submit", (event) => {
  // Whoever presses twice judges one question, not the next one unread.
  setTimeout(() => event.target.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
});
