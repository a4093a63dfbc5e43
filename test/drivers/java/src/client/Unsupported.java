package client;

/** The driver's API has no way to do it; the message is what it lacks, in one clause. */
final class Unsupported extends RuntimeException {
  Unsupported(String lacks) {
    super(lacks);
  }
}
