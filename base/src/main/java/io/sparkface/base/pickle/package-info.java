/** Python's pickle read as data, without running any of it. */
package io.sparkface.base.pickle;
