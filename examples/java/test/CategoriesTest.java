/** Run with: mockserver exec -- sh test.sh. With JUnit each method is a @Test. */
public class CategoriesTest {
  private final Categories categories = new Categories(System.getenv("KICKFLOW_URL"), System.getenv("KICKFLOW_TOKEN"));

  void aCategoryIsListedOnceItIsCreated() throws Exception {
    check(categories.create("Own").statusCode() == 200, "created");
    check(categories.list().body().contains("\"name\":\"Own\""), "listed");
  }

  void aNameIsNeeded() throws Exception {
    check(categories.create("").statusCode() == 422, "refused");
  }

  void anUnknownTokenIsRefused() throws Exception {
    check(new Categories(categories.url(), "unknown").list().statusCode() == 401, "refused");
  }

  private static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError("not " + what);
  }

  public static void main(String[] args) throws Exception {
    var test = new CategoriesTest();
    test.aCategoryIsListedOnceItIsCreated();
    test.aNameIsNeeded();
    test.anUnknownTokenIsRefused();
    System.out.println("3 tests passed");
  }
}
