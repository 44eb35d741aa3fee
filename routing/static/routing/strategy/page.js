// Pages without an editor: buttons that ask before they change something.

import { postButtons } from "../../lingxi/editor/dialogs.js";

postButtons(document);
