(() => {
  const state = document.getElementById("state");
  let tag = null;
  const look = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-cache" });
      if (!answer.ok) throw new Error(answer.status);
      const now = answer.headers.get("ETag");
      if (tag !== null && now !== tag) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const open = [...document.querySelectorAll("details[open]")].map((one) => one.id);
        const focused = document.activeElement && document.activeElement.id;
        document.querySelector("main").replaceWith(page.querySelector("main"));
        open.forEach((id) => { const one = document.getElementById(id); if (one) one.open = true; });
        if (focused) { const one = document.getElementById(focused); if (one) one.focus({ preventScroll: true }); }
        state.textContent = "Updated " + new Date().toLocaleTimeString() + ".";
      } else if (tag === null) {
        state.textContent = "Watching: new results appear by themselves.";
      }
      tag = now;
    } catch (error) {
      state.textContent = "The report is not served any more; what is shown is the last that was.";
    }
  };
  look();
  setInterval(look, 5000);
})();
