// "/" presses the button that finds something, and puts the cursor into its field.
export default function () {
  const typing = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  const focus = (tries) => {
    const field = document.querySelector('[role="dialog"] input');
    if (field) field.focus();
    else if (tries > 0) setTimeout(() => focus(tries - 1), 50);
  };
  const pressed = (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const button = document.querySelector(".st-key-find button");
    if (!button || document.querySelector('[role="dialog"]')) return;
    event.preventDefault();
    // Where the keyboard returns to.
    button.focus();
    button.click();
    focus(100);
  };
  document.querySelector(".st-key-find button")?.setAttribute("aria-keyshortcuts", "/");
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
