// Pages without an editor: buttons that ask before they change something.

import { postButtons } from "./dialogs.js";

postButtons(document);
