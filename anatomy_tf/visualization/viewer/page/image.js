// The keypoints in the picture, over the video if there is one.

/** Pictures of the video by number, in the order in which they were asked for; null while decoded. */
const pictures = new Map();
const PICTURES_KEPT = 120, PICTURES_AHEAD = 20;
let shownPicture = null;

function decodePicture(number) {
  if (number >= content.video.pictures.length || pictures.has(number)) return;
  pictures.set(number, null);
  if (pictures.size > PICTURES_KEPT) pictures.delete(pictures.keys().next().value);
  createImageBitmap(new Blob([bytes(content.video.pictures[number])], { type: "image/jpeg" })).then((picture) => {
    if (!pictures.has(number)) return;
    pictures.set(number, picture);
    redraw();
  });
}

/** The video's picture for the frame; until it is decoded the one before. */
function videoPicture() {
  const { every, pictures: stored } = content.video;
  const number = Math.min(stored.length - 1, Math.round(state.frame / every));
  for (let ahead = 0; ahead <= (state.playing ? PICTURES_AHEAD : 0); ahead++) decodePicture(number + ahead);
  shownPicture = pictures.get(number) || shownPicture;
  return shownPicture;
}

/** Where 2D keypoints are counted; null without them and without a video. */
const imageSize = (people.find((person) => person.keypoints) || {}).keypoints || content.video || content.image;

/** Size of the 2D picture, and how it lies in a canvas: { width, height, scale, left, top }. */
function imageFrame(canvasWidth, canvasHeight) {
  const { width, height } = imageSize;
  const scale = Math.min(canvasWidth / width, canvasHeight / height);
  return { width, height, scale, left: (canvasWidth - width * scale) / 2, top: (canvasHeight - height * scale) / 2 };
}

function keypointPlace(person, joint, frame) {
  const { keypoints, frames } = person;
  if (!keypoints || joint < 0 || state.frame >= frames) return null;
  const at = state.frame * keypoints.skeleton.joints.length + joint;
  const [x, y] = keypoints.points.subarray(2 * at, 2 * at + 2);
  return Number.isNaN(x) ? null : [frame.left + x * frame.scale, frame.top + y * frame.scale, x, y, keypoints.visibility[at] / 255];
}

function drawImage() {
  if (!imageSize) return;
  $("image").style.aspectRatio = `${imageSize.width} / ${imageSize.height}`;
  const { context, width, height } = prepared($("image"));
  paintImage(context, width, height);
}

/** Draw the 2D picture into a box at the context's origin. */
function paintImage(context, width, height) {
  const { width: across, height: down } = imageSize;
  const frame = imageFrame(width, height);
  context.fillStyle = colours.page;
  context.beginPath();
  context.rect(frame.left, frame.top, across * frame.scale, down * frame.scale);
  context.fill();
  context.save();
  context.clip();
  const behind = content.video && state.video;
  if (behind) {
    const picture = videoPicture();
    if (picture) context.drawImage(picture, frame.left, frame.top, across * frame.scale, down * frame.scale);
  }
  people.forEach((person, index) => {
    if (!person.keypoints || state.frame >= person.frames) return;
    const { skeleton } = person.keypoints;
    const at = skeleton.joints.map((_, joint) => keypointPlace(person, joint, frame));
    const strength = index === state.chosen ? 1 : 0.4;
    const opacity = (joint) => strength * (FAINTEST + (1 - FAINTEST) * Math.sqrt(at[joint][4]));
    skeleton.links.forEach(([a, b], link) => {
      if (!at[a] || !at[b]) return;
      context.globalAlpha = Math.min(opacity(a), opacity(b));
      for (const [stroke, thick] of [...(behind ? [["#fff", 4.5]] : []), [colours[skeleton.linkSides[link]], 2.5]]) {
        context.strokeStyle = stroke;
        context.lineWidth = thick;
        context.beginPath();
        context.moveTo(at[a][0], at[a][1]);
        context.lineTo(at[b][0], at[b][1]);
        context.stroke();
      }
    });
    skeleton.sides.forEach((side, joint) => {
      if (!at[joint]) return;
      context.globalAlpha = opacity(joint);
      context.fillStyle = colours[side];
      context.beginPath();
      context.arc(at[joint][0], at[joint][1], 3, 0, 7);
      context.fill();
    });
  });
  context.globalAlpha = 1;
  if (state.joint && state.joint.person.keypoints) {
    const { person, name } = state.joint;
    ring(context, keypointPlace(person, person.keypoints.skeleton.joints.indexOf(name), frame), 7);
  }
  context.restore();
}
