// "/" presses the button that finds something, and puts the cursor into its field.
export default function () {
  const typing = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  // Streamlit draws it twice, for wide screens and for others.
  const finds = () => [...document.querySelectorAll(".st-key-find button")];
  const focus = (tries) => {
    const field = document.querySelector('[role="dialog"] input');
    if (field) field.focus();
    else if (tries > 0) setTimeout(() => focus(tries - 1), 50);
  };
  const pressed = (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const button = finds().find((one) => one.getClientRects().length);
    if (!button || document.querySelector('[role="dialog"]')) return;
    event.preventDefault();
    // Where the keyboard returns to.
    button.focus();
    button.click();
    focus(100);
  };
  for (const button of finds()) button.setAttribute("aria-keyshortcuts", "/");
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
