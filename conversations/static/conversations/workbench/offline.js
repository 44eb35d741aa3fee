// Messages left: taking up the conversation one was left in.
const { request, failed } = window.Lingxi;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act=contact]");
  if (!button) return;
  button.disabled = true;
  try {
    await request("POST", button.dataset.url);
    location.assign(button.dataset.to);
  } catch (error) {
    failed(error);
    button.disabled = false;
  }
});
