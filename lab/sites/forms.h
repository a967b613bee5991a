/* SPDX-License-Identifier: MIT */
/*
 * The backends of an image, and the forms of its ops under each.
 */
#ifndef LAB_SITES_FORMS_H
#define LAB_SITES_FORMS_H

#include "sites/sites.h"

/* Fills 'backends' and 'forms'; 'ops' are there. False, with a sentence. */
bool sites_find_forms(struct sites *sites, char why[IMAGE_WHY_BYTES]);

#endif /* LAB_SITES_FORMS_H */
