// The picture that the page saves.

/** The scene, the 2D picture beside it and a line about them, as a PNG file. */
function savePicture() {
  draw();
  const scene = $("scene"), ratio = window.devicePixelRatio || 1;
  const line = Math.round(34 * ratio), gap = Math.round(line / 3);
  const tall = scene.height, wide = imageSize ? Math.min(scene.width, Math.round((imageSize.width / imageSize.height) * tall)) : 0;
  const left = imageSize ? wide + gap : 0;
  const sheet = document.createElement("canvas");
  sheet.width = left + scene.width;
  sheet.height = line + tall;
  const context = sheet.getContext("2d");
  context.fillStyle = colours.page;
  context.fillRect(0, 0, sheet.width, sheet.height);
  if (imageSize) {
    context.setTransform(ratio, 0, 0, ratio, 0, line);
    paintImage(context, wide / ratio, tall / ratio);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
  context.fillStyle = colours.panel;
  context.fillRect(left, line, scene.width, tall);
  context.drawImage(scene, left, line);
  context.fillStyle = colours.text;
  context.font = `${Math.round(line * 0.42)}px system-ui, sans-serif`;
  const facts = [content.title, `${time(state.frame)} s, frame ${firstFrame + state.frame}`];
  if (!$("scene-label").hidden) facts.push(...$("scene-label").textContent.split("\n").slice(0, 2));
  context.fillText(facts.join("  ·  "), gap, line * 0.64);
  sheet.toBlob((file) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${content.title.replace(/\.\w{1,5}$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "_")}_${firstFrame + state.frame}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
